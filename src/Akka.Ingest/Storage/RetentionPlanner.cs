namespace Akka.Ingest.Storage;

/// <summary>How long and how much a store keeps; null means no limit.</summary>
/// <param name="MaxAgeDays">Whole days of receipt that lie further back are removed.</param>
/// <param name="MaxSizeBytes">The oldest events are removed while the days together take more.</param>
public sealed record RetentionPolicy(int? MaxAgeDays, long? MaxSizeBytes);

public enum RetentionReason
{
    /// <summary>Older than <see cref="RetentionPolicy.MaxAgeDays"/>.</summary>
    Age,

    /// <summary>The store is larger than <see cref="RetentionPolicy.MaxSizeBytes"/>.</summary>
    Size,
}

/// <summary>What is to be removed of one day.</summary>
/// <param name="Day">UTC day of receipt.</param>
/// <param name="Events">How many events; all of the day where <paramref name="IsWholeDay"/>.</param>
/// <param name="Bytes">About what they take.</param>
/// <param name="IsWholeDay">False: only so many of those that arrived first.</param>
/// <param name="Reason">Which limit asks for it.</param>
public sealed record RetentionStep(DateOnly Day, long Events, long Bytes, bool IsWholeDay, RetentionReason Reason)
{
    public ExpireRequest ToRequest() => IsWholeDay ? new ExpireRequest(Day) : new ExpireRequest(Day, Events);
}

/// <summary>Decides what goes. Pure.</summary>
public static class RetentionPlanner
{
    /// <param name="days">What the store holds, oldest day first.</param>
    /// <param name="policy">The limits.</param>
    /// <param name="today">Present UTC day.</param>
    /// <returns>Oldest day first.</returns>
    public static IReadOnlyList<RetentionStep> Plan(IReadOnlyList<StoredDay> days, RetentionPolicy policy, DateOnly today)
    {
        var steps = new List<RetentionStep>();
        var kept = new Queue<StoredDay>(days.OrderBy(day => day.Day));

        // The last event of a day is a day younger than its first: the day goes once all of it is old enough.
        while (policy.MaxAgeDays is { } maxAge && kept.TryPeek(out var oldest) && oldest.Day.DayNumber < today.DayNumber - maxAge)
            steps.Add(Whole(kept.Dequeue(), RetentionReason.Age));

        if (policy.MaxSizeBytes is not { } maxBytes)
            return steps;
        var bytes = kept.Sum(day => day.Bytes);
        for (; bytes > maxBytes && kept.Count > 1; bytes -= steps[^1].Bytes)
            steps.Add(Whole(kept.Dequeue(), RetentionReason.Size));
        if (bytes > maxBytes && kept.TryDequeue(out var last) && last.Events > 1)
            steps.Add(Part(last, bytes - maxBytes));
        return steps;
    }

    private static RetentionStep Whole(StoredDay day, RetentionReason reason) => new(day.Day, day.Events, day.Bytes, IsWholeDay: true, reason);

    // The one day that is left is never removed whole for its size: what just arrived stays.
    private static RetentionStep Part(StoredDay day, long excessBytes)
    {
        var share = Math.Min(1, (double)excessBytes / Math.Max(1, day.Bytes));
        var events = Math.Clamp((long)Math.Ceiling(day.Events * share), 1, day.Events - 1);
        return new RetentionStep(day.Day, events, excessBytes, IsWholeDay: false, RetentionReason.Size);
    }
}
