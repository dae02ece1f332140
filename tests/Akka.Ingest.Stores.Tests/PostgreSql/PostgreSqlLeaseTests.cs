namespace Akka.Ingest.Stores.Tests.PostgreSql;

using System.Globalization;
using Akka.Ingest.Hosting;
using Akka.Ingest.Storage;
using Akka.Ingest.Testing;
using Xunit;

public sealed class PostgreSqlLeaseTests
{
    [Fact]
    public async Task A_second_single_writer_is_refused_and_told_by_whom()
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        var first = await OpenAsync(database);
        await using var second = database.Store(settings => settings with { IsSingleWriter = true });

        var exception = await Assert.ThrowsAsync<LeaseHeldException>(() => second.InitializeAsync(CancellationToken.None));

        Assert.Contains(Environment.MachineName, exception.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), exception.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.LeaseHeld, StartFailure.Of(exception)!.ExitCode);
        await first.DisposeAsync();
        await second.InitializeAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Several_writers_take_no_lease()
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        await using var first = await OpenAsync(database);
        await using var second = await database.OpenStoreAsync();

        await new StoreFeeder(second).AppendAsync(0, [SpecEvent.Of("a")]);
    }

    [Fact]
    public async Task A_lease_whose_connection_broke_is_taken_again_before_the_next_append()
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        await using var store = await OpenAsync(database);
        await database.Server.TerminateBackendsAsync(database.ConnectionString);

        await new StoreFeeder(store).AppendAsync(0, [SpecEvent.Of("a")]);

        await using var second = database.Store(settings => settings with { IsSingleWriter = true });
        await Assert.ThrowsAsync<LeaseHeldException>(() => second.InitializeAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_writer_that_lost_its_lease_to_another_writes_nothing_until_it_is_free()
    {
        var database = await PostgreSqlTestDatabase.CreateAsync();
        await using var store = await OpenAsync(database);
        var feeder = new StoreFeeder(store);
        await database.Server.TerminateBackendsAsync(database.ConnectionString);
        var usurper = await OpenAsync(database);

        var failure = Assert.IsType<StoreAppendResult.Failed>(await store.AppendAsync(feeder.Batch(0, [SpecEvent.Of("a")]), CancellationToken.None)).Failure;
        await usurper.DisposeAsync();
        await feeder.AppendAsync(0, [SpecEvent.Of("a")]);

        Assert.Equal((StoreFailureKind.Transient, "postgresql:lease-held"), (failure.Kind, failure.Code));
    }

    private static Task<Stores.Sql.PostgreSql.PostgreSqlLogStore> OpenAsync(PostgreSqlTestDatabase database) =>
        database.OpenStoreAsync(settings => settings with { IsSingleWriter = true });
}
