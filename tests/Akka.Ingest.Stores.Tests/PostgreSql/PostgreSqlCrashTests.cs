namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.PostgreSql;
using Akka.Ingest.Testing;
using Npgsql;
using Xunit;

/// <summary>Whatever breaks at whatever moment: every event is stored once, and the store goes on by itself.</summary>
public sealed class PostgreSqlCrashTests
{
    [Theory]
    [InlineData(CutAt.DuringCopy, false)]
    [InlineData(CutAt.BeforeCommit, false)]
    [InlineData(CutAt.AfterCommit, true)]
    internal async Task A_connection_cut_at_the_worst_moment_loses_and_doubles_nothing(CutAt cutAt, bool isWritten)
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        await using var proxy = new CuttingProxy(database.Server.Port);
        await using var store = await database.OpenStoreAsync(settings => settings with { ConnectionString = proxy.Through(database.ConnectionString) });
        var feeder = new StoreFeeder(store);
        await feeder.AppendAsync(0, [SpecEvent.Of("before")]);
        var batch = feeder.Batch(0, [SpecEvent.Of("a"), SpecEvent.Of("b")]);

        proxy.CutAt = cutAt;
        var failure = Assert.IsType<StoreAppendResult.Failed>(await store.AppendAsync(batch, CancellationToken.None)).Failure;
        await UntilNobodyWritesAsync(database);
        var again = await store.AppendAsync(batch, CancellationToken.None);

        Assert.Equal(1, proxy.Cuts);
        Assert.Equal(StoreFailureKind.Transient, failure.Kind);
        if (isWritten)
            Assert.Equal(batch.Next, Assert.IsType<StoreAppendResult.OffsetMismatch>(again).Actual);
        else
            Assert.IsType<StoreAppendResult.Appended>(again);
        Assert.Equal(["a", "b", "before"], await MessagesAsync(store));
        Assert.Equal(3, Assert.Single(await store.ReadCountsAsync(CancellationToken.None)).Stored);
        Assert.Equal(3L, await database.RunAsync("SELECT next - 1 FROM arrivals"));
    }

    [Fact]
    public async Task Connections_broken_by_the_server_are_replaced()
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        await using var store = await database.OpenStoreAsync();
        var feeder = new StoreFeeder(store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);

        await database.Server.TerminateBackendsAsync(database.ConnectionString);
        await AppendUntilTakenAsync(store, feeder, 0, "b");

        Assert.Equal(["a", "b"], await MessagesAsync(store));
    }

    [Fact]
    public async Task A_server_killed_amid_appends_keeps_what_it_confirmed_and_takes_the_rest_when_it_is_back()
    {
        await using var server = await PrivatePostgres.StartAsync(isDurable: true);
        var database = new PostgreSqlTestDatabase(server, await server.NewDatabaseAsync());
        await using var store = await database.OpenStoreAsync();
        var feeders = Enumerable.Range(0, 3).Select(_ => new StoreFeeder(store)).ToArray();
        var writing = Enumerable.Range(0, 3).Select(partition => Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
                await AppendUntilTakenAsync(store, feeders[partition], partition, $"{partition}-{i}");
        })).ToArray();

        for (var kills = 0; kills < 3; kills++)
        {
            await WaitForEventsAsync(store, kills * 20);
            await server.KillAsync();
            await Assert.ThrowsAsync<StoreException>(() => store.PingAsync(CancellationToken.None));
            await server.RestartAsync();
        }

        await Task.WhenAll(writing);
        Assert.Equal(
            Enumerable.Range(0, 3).SelectMany(partition => Enumerable.Range(0, 40).Select(i => $"{partition}-{i}")).Order(StringComparer.Ordinal), await MessagesAsync(store));
        Assert.Equal(120, (await store.ReadCountsAsync(CancellationToken.None)).Sum(count => count.Stored));
    }

    [Fact]
    public async Task A_store_that_is_away_fails_to_open_for_now_and_opens_later()
    {
        await using var server = await PrivatePostgres.StartAsync();
        var database = new PostgreSqlTestDatabase(server, await server.NewDatabaseAsync());
        await server.KillAsync();
        await using var store = database.Store();

        var exception = await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));
        await server.RestartAsync();
        await store.InitializeAsync(CancellationToken.None);

        Assert.Equal(StoreFailureKind.Transient, exception.Failure.Kind);
        Assert.DoesNotContain("only-for-tests", exception.ToString(), StringComparison.Ordinal);
        await new StoreFeeder(store).AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Fact]
    public async Task A_server_that_never_answers_fails_the_append_in_time()
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        await using var store = await database.OpenStoreAsync();
        await using var hasty = await database.OpenStoreAsync(settings => settings with { AppendLimit = TimeSpan.FromMilliseconds(300) });
        var feeder = new StoreFeeder(store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);
        await using (var other = await database.ConnectAsync())
        await using (await other.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand("SELECT 1 FROM positions FOR UPDATE", other);
            await hold.ExecuteScalarAsync();
            var failure = Assert.IsType<StoreAppendResult.Failed>(await hasty.AppendAsync(feeder.Batch(0, [SpecEvent.Of("b")]), CancellationToken.None)).Failure;
            Assert.Equal((StoreFailureKind.Transient, "postgresql:timeout"), (failure.Kind, failure.Code));
        }

        await AppendUntilTakenAsync(store, feeder, 0, "b");
        Assert.Equal(["a", "b"], await MessagesAsync(store));
    }

    private static async Task AppendUntilTakenAsync(PostgreSqlLogStore store, StoreFeeder feeder, int partition, string message)
    {
        var batch = feeder.Batch(partition, [SpecEvent.Of(message)]);
        while (true)
        {
            switch (await store.AppendAsync(batch, CancellationToken.None))
            {
                case StoreAppendResult.Appended:
                case StoreAppendResult.OffsetMismatch { Actual: var actual } when actual == batch.Next:
                    feeder.MoveTo(partition, batch.Next);
                    return;
                case StoreAppendResult.Failed { Failure.Kind: StoreFailureKind.Transient }:
                    await Task.Delay(20);
                    break;
                case var other:
                    throw new InvalidOperationException(other.ToString());
            }
        }
    }

    private static async Task WaitForEventsAsync(PostgreSqlLogStore store, long events)
    {
        while (await store.CountAsync(new LogQueryPlan(), CancellationToken.None) < events)
            await Task.Delay(10);
    }

    // The server may still be at the transaction whose client is gone.
    private static async Task UntilNobodyWritesAsync(PostgreSqlTestDatabase database)
    {
        while (await database.RunAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'") is not 0L)
            await Task.Delay(10);
    }

    private static async Task<List<string>> MessagesAsync(PostgreSqlLogStore store) =>
        [.. (await store.AllPagesAsync(new LogQueryRequest())).Select(PostgreSqlTestDatabase.MessageOf).Order(StringComparer.Ordinal)];
}
