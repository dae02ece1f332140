namespace Akka.Ingest.Testing;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using CsCheck;
using Xunit;

public abstract partial class LogStoreSpec
{
    /// <summary>Queries against one random store.</summary>
    protected virtual int ModelQueries => 400;

    [Fact]
    public async Task The_store_agrees_with_a_plain_list_on_random_events_and_queries()
    {
        var feeder = new StoreFeeder(Store);
        var random = new ModelGenerator(20261124);
        for (var round = 0; round < 20; round++)
        {
            await feeder.AppendAsync(
                random.Next(3), [.. Enumerable.Range(0, 1 + random.Next(40)).Select(_ => random.NextEvent())], random.Pick("", "key-1"),
                TestEvents.ReceivedAt.AddSeconds(round));
        }

        var model = feeder.Fed.Select(fed => new ModelEvent(fed)).ToArray();
        await Gen.Int[0, 1_000_000].SampleAsync(seed => CheckAsync(model, new ModelGenerator(seed)), iter: ModelQueries, threads: 2);
    }

    private async Task CheckAsync(ModelEvent[] model, ModelGenerator random)
    {
        var filter = random.NextFilter();
        var request = new LogQueryRequest
        {
            Filter = filter.Render(),
            Order = random.Pick(Enum.GetValues<LogOrder>()),
            Limit = random.Pick(5, 20, 1000, 1000),
            From = random.Next(3) == 0 ? TestEvents.ReceivedAt.AddTicks(random.Next(40)) : null,
            To = random.Next(3) == 0 ? TestEvents.ReceivedAt.AddTicks(random.Next(40)) : null,
            MinLevel = random.Next(3) == 0 ? (Severity)random.Next(6) : null,
            Levels = random.Next(3) == 0 ? [(Severity)random.Next(6), (Severity)random.Next(6)] : [],
            Text = random.Next(5) == 0 ? random.Text() : null,
            TraceId = random.Next(5) == 0 ? "0af7651916cd43dd8448eb211c80319c" : null,
        };
        var expected = Expect(model, filter, request);

        var actual = await Store.AllPagesAsync(request);

        Assert.Equal(expected.Select(item => item.Fed.Id), actual.Select(item => item.Id));
        Assert.Equal(expected.Select(item => item.Fed.Event.Encode()), actual.Select(item => item.Record.ToArray()));
        var plan = StoreQueries.Plan(request);
        Assert.Equal(expected.Count, await Store.CountAsync(plan, CancellationToken.None));
        var histogram = await Store.HistogramAsync(plan, 1 + random.Next(9), CancellationToken.None);
        foreach (var bucket in histogram.Buckets)
        {
            var inside = expected.Where(item => item.Ticks >= bucket.From.Ticks && item.Ticks < bucket.To.Ticks).ToArray();
            Assert.Equal(Enumerable.Range(0, 6).Select(level => inside.LongCount(item => item.Severity == (Severity)level)), bucket.BySeverity);
        }

        Assert.Equal(expected.Count, histogram.Buckets.Sum(bucket => bucket.BySeverity.Sum()));
    }

    private static List<ModelEvent> Expect(ModelEvent[] model, ModelFilter filter, LogQueryRequest request)
    {
        var matches = model.Where(item =>
            filter.Holds(item)
            && (request.From is not { } from || item.Ticks >= from.Ticks)
            && (request.To is not { } to || item.Ticks < to.Ticks)
            && (request.MinLevel is not { } least || item.Severity >= least)
            && (request.Levels.Count == 0 || request.Levels.Contains(item.Severity))
            && (string.IsNullOrEmpty(request.Text) || item.HasText(request.Text))
            && (request.TraceId is null || item.Fed.Event.Fields.GetValueOrDefault(EventField.TraceId) == request.TraceId));
        if (request.Order == LogOrder.Received)
            return [.. matches.OrderBy(item => item.Fed.Arrival)];
        var ascending = matches.OrderBy(item => item.Ticks).ThenBy(item => item.Fed.Id.ToString(), StringComparer.Ordinal);
        return request.Order == LogOrder.Ascending ? [.. ascending] : [.. ascending.Reverse()];
    }
}
