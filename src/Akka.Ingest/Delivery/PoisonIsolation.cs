namespace Akka.Ingest.Delivery;

/// <summary>
/// Halves a range that the store refuses because of its data until the poison events stand alone. Pure. The halves are
/// ordinary writes, first half first, so order is kept and the offset moves with each.
/// </summary>
internal static class PoisonIsolation
{
    /// <summary>The range is one event to be stored, perhaps with settled neighbours.</summary>
    public static bool IsAlone(WriteRange range) => range.StorableCount == 1;

    /// <summary>Two ranges with half the events to be stored each; needs at least two of them.</summary>
    public static (WriteRange First, WriteRange Second) Halve(WriteRange range)
    {
        var wanted = range.StorableCount / 2;
        ArgumentOutOfRangeException.ThrowIfZero(wanted);
        var first = new List<EventRun>();
        var second = new List<EventRun>();
        foreach (var run in range.Runs)
        {
            if (wanted == 0)
            {
                second.Add(run);
            }
            else if (run.Kind != RunKind.Store || run.Count <= wanted)
            {
                first.Add(run);
                wanted -= run.Kind == RunKind.Store ? run.Count : 0;
            }
            else
            {
                var (head, tail) = run.Split(wanted);
                first.Add(head);
                second.Add(tail);
                wanted = 0;
            }
        }

        return (range with { Runs = first }, range with { Runs = second });
    }

    /// <summary>The event to be stored of a range in which it <see cref="IsAlone"/>.</summary>
    public static EventRun Poison(WriteRange range) => range.Runs.Single(run => run.Kind == RunKind.Store);

    /// <summary>The same range once its dead letters are written: what is left to do is to move the offset.</summary>
    public static WriteRange MarkDeadLettered(WriteRange range) =>
        range with { Runs = [.. range.Runs.Select(run => run with { Kind = RunKind.DeadLettered })] };
}
