namespace Akka.Ingest.Testing;

using Akka.Ingest.Storage;
using Xunit;

/// <summary>What a store must hold while retention removes from it: plain lists, moved by what the store says it removed.</summary>
public sealed class RetentionModel(ILogStore store)
{
    private const int MaxSteps = 10_000;
    private readonly List<FedEvent> _kept = [];
    private readonly List<FedEvent> _expired = [];
    private readonly HashSet<DateOnly> _touchedDays = [];

    /// <summary>The store asked; another one after it was opened again.</summary>
    public ILogStore Store { get; set; } = store;

    /// <summary>In order of arrival.</summary>
    public IReadOnlyList<FedEvent> Kept => _kept;

    public IReadOnlyList<FedEvent> Expired => _expired;

    public static DateOnly DayOf(FedEvent fed) => StoredDay.Of(fed.ReceivedAt);

    /// <summary>Remembers what was appended; in order of arrival.</summary>
    public void Add(IEnumerable<FedEvent> fed) => _kept.AddRange(fed);

    /// <summary>Removes events of a day step by step until the store says that it is done.</summary>
    /// <returns>How many were removed.</returns>
    public async Task<long> ExpireAsync(DateOnly day, long events = ExpireRequest.WholeDay)
    {
        var removed = 0L;
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < MaxSteps, "The removal does not come to an end.");
            var isWholeDay = events == ExpireRequest.WholeDay;
            var step = await Store.ExpireAsync(isWholeDay ? new ExpireRequest(day) : new ExpireRequest(day, events - removed), CancellationToken.None);
            Assert.True(step.Events >= 0 && step.Bytes >= 0);
            Apply(day, step.Events);
            removed += step.Events;
            if (step.IsComplete)
                return removed;
            Assert.True(isWholeDay || removed < events, "All that was asked for is removed, yet the store says it is not done.");
        }
    }

    /// <summary>The store removed so many of the day: by contract those that arrived first.</summary>
    public void Apply(DateOnly day, long events)
    {
        if (events == 0)
            return;
        var oldest = _kept.Where(fed => DayOf(fed) == day).Take(checked((int)events)).ToArray();
        Assert.Equal(events, oldest.Length);
        var gone = oldest.ToHashSet();
        _kept.RemoveAll(gone.Contains);
        _expired.AddRange(oldest);
        _touchedDays.Add(day);
    }

    /// <summary>Days of the store against the lists: counts exact; time ranges exact until part of the day was removed, then enclosing.</summary>
    public async Task AssertDaysAsync()
    {
        var days = await Store.ReadDaysAsync(CancellationToken.None);
        var expected = _kept.GroupBy(DayOf).OrderBy(group => group.Key).ToArray();
        Assert.Equal(expected.Select(group => (group.Key, group.LongCount())), days.Select(day => (day.Day, day.Events)));
        foreach (var (group, day) in expected.Zip(days))
        {
            var (lowest, highest) = (group.Min(fed => fed.Event.Ticks), group.Max(fed => fed.Event.Ticks));
            Assert.True(day.Bytes > 0);
            if (_touchedDays.Contains(day.Day))
                Assert.True(day.LowestTimestamp <= lowest && day.HighestTimestamp >= highest);
            else
                Assert.Equal((lowest, highest), (day.LowestTimestamp, day.HighestTimestamp));
        }
    }

    /// <summary>The store's ledger against the lists.</summary>
    public async Task AssertCountsAsync()
    {
        var counts = await Store.ReadCountsAsync(CancellationToken.None);
        var expected = _kept.Concat(_expired).GroupBy(fed => (fed.Id.SpoolId, fed.ApiKeyId)).Select(group => new StoredCounts(
            group.Key.SpoolId, group.Key.ApiKeyId, _kept.LongCount(fed => (fed.Id.SpoolId, fed.ApiKeyId) == group.Key), _expired.LongCount(fed => (fed.Id.SpoolId, fed.ApiKeyId) == group.Key)));
        Assert.Equal(Sorted(expected), Sorted(counts.Where(row => row.Stored + row.Expired > 0)));
    }

    private static IEnumerable<StoredCounts> Sorted(IEnumerable<StoredCounts> rows) =>
        rows.OrderBy(row => row.SpoolId).ThenBy(row => row.ApiKeyId, StringComparer.Ordinal);
}
