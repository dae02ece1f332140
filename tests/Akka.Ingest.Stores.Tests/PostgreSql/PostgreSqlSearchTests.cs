namespace Akka.Ingest.Stores.Tests.PostgreSql;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Testing;
using Xunit;

/// <summary>The whole contract once more with all indexes, and every search that an index can serve going through it.</summary>
public sealed class PostgreSqlSearchTests : LogStoreSpec
{
    private PostgreSqlTestDatabase _database = null!;

    protected override ILogStore CreateStore() => _database.Store(settings => settings with { HasTextIndex = true, ProbeRows = 0 });

    public override async Task InitializeAsync()
    {
        _database = await PostgreSqlTestDatabase.CreateAsync();
        await base.InitializeAsync();
    }

    [Theory]
    [InlineData("""{"n":1,"x":"\u0000"}""")]
    [InlineData("""{"n":1,"x":"\ud800"}""")]
    [InlineData("""{"n":1,"x":1e999999}""")]
    [InlineData("deep")]
    [InlineData("""{"n":2,"n":1}""")]
    [InlineData("""{"n":1,"x":"\ud83d\ude00"}""")]
    public async Task Properties_that_jsonb_does_not_take_are_found_all_the_same(string properties)
    {
        var feeder = new StoreFeeder(Store);
        if (properties == "deep")
            properties = $$"""{"n":1,"x":{{new string('[', 70)}}{{new string(']', 70)}}}""";
        await feeder.AppendAsync(0, [SpecEvent.Of("odd", properties), SpecEvent.Of("plain", """{"n":1}"""), SpecEvent.Of("other", """{"n":2}""")]);
        var request = new LogQueryRequest { Filter = "properties.n = 1", Order = LogOrder.Ascending };

        var page = await Store.PageAsync(request);

        Assert.Equal(["odd", "plain"], page.Events.Select(MessageOf));
        Assert.Equal(["events_properties"], page.Indexes);
        Assert.Equal(2, await Store.CountAsync(StoreQueries.Plan(request), CancellationToken.None));
        Assert.Equal(2, (await Store.HistogramAsync(StoreQueries.Plan(request), 1, CancellationToken.None)).Buckets.Sum(bucket => bucket.BySeverity.Sum()));
    }

    [Theory]
    [InlineData("needle")]
    [InlineData("NEEDLE")]
    [InlineData("100%_\\")]
    [InlineData("größe")]
    [InlineData("nul \u0000 in")]
    public async Task A_text_is_found_through_its_index(string text)
    {
        var feeder = new StoreFeeder(Store);
        await feeder.AppendAsync(0, [SpecEvent.Of("a needle 100%_\\ GRÖßE nul \u0000 in it"), SpecEvent.Of("hay, 100 percent, groesse, nul   in it")]);

        var page = await Store.PageAsync(new LogQueryRequest { Text = text });

        Assert.Single(page.Events);
        Assert.Equal(["events_*_text"], page.Indexes);
    }

    [Fact]
    public async Task Days_without_the_text_index_are_searched_too()
    {
        await using var plain = await _database.OpenStoreAsync();
        var feeder = new StoreFeeder(plain);
        await feeder.AppendAsync(0, [SpecEvent.Of("needle of a day without")], receivedAt: TestEvents.ReceivedAt.AddDays(-40));
        var other = new StoreFeeder(Store);
        await other.AppendAsync(0, [SpecEvent.Of("needle of a day with")]);

        Assert.Equal(2, (await Store.PageAsync(new LogQueryRequest { Text = "needle" })).Events.Count);
    }

    [Fact]
    public async Task A_condition_that_many_events_fulfil_is_asked_while_walking()
    {
        var feeder = new StoreFeeder(Store);
        for (var i = 0; i < 13; i++)
            await feeder.AppendAsync(0, [.. Enumerable.Range(0, 4_000).Select(n => SpecEvent.Of("m", """{"n":1}""", afterTicks: n))]);

        var page = await Store.PageAsync(new LogQueryRequest { Filter = "properties.n = 1", Limit = 10 });

        Assert.Equal(10, page.Events.Count);
        Assert.Equal(["events_time"], page.Indexes);
    }
}
