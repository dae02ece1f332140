namespace Akka.Ingest.Stores.Files;

using System.Runtime.CompilerServices;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>Some 64 KiB of lines of a day file, and what is known of them without reading them. Immutable.</summary>
internal sealed class FileBlock
{
    /// <summary>A block grows up to here; one long line may be longer.</summary>
    public const int TargetBytes = 64 * 1024;

    /// <summary>Where it begins in the file.</summary>
    public required long Offset { get; init; }

    public required int Length { get; init; }

    public long End => Offset + Length;

    /// <summary>Ticks of the earliest timestamp; above the latest where no line could be read.</summary>
    public required long LowestTimestamp { get; init; }

    public required long HighestTimestamp { get; init; }

    /// <summary>What was written there, ascending by arrival number; at least one. A line that is lost is in it too.</summary>
    public required EventRun[] Runs { get; init; }

    public required LevelCounts Levels { get; init; }

    /// <summary>Lines written there.</summary>
    public required int Lines { get; init; }

    public long FirstArrival => Runs[0].FirstArrival;

    public long LastArrival => Runs[^1].LastArrival;

    /// <summary>
    /// False when <see cref="Levels"/> counts other lines than <see cref="Lines"/>: one was lost before the block was described, or some have
    /// expired since.
    /// </summary>
    public required bool HasExactLevels { get; init; }

    /// <summary>One block of two, the second of which follows the first in the file.</summary>
    public static FileBlock Join(FileBlock first, FileBlock second)
    {
        var last = first.Runs[^1];
        var next = second.Runs[0];
        var levels = first.Levels;
        levels.Add(second.Levels);
        return new FileBlock
        {
            Offset = first.Offset,
            Length = first.Length + second.Length,
            LowestTimestamp = Math.Min(first.LowestTimestamp, second.LowestTimestamp),
            HighestTimestamp = Math.Max(first.HighestTimestamp, second.HighestTimestamp),
            Levels = levels,
            Lines = first.Lines + second.Lines,
            HasExactLevels = first.HasExactLevels && second.HasExactLevels,
            Runs = last.IsContinuedBy(next.Partition, next.ApiKeyId, next.FirstOrdinal, next.FirstArrival)
                ? [.. first.Runs[..^1], last with { Count = last.Count + next.Count }, .. second.Runs[1..]]
                : [.. first.Runs, .. second.Runs],
        };
    }

    public bool CanBeJoinedBy(FileBlock next) => next.Offset == End && Length + next.Length <= TargetBytes;

    /// <summary>The same lines in another file.</summary>
    public FileBlock MovedBy(long distance) => With(Offset + distance, Runs);

    /// <summary>What arrived later than <paramref name="arrival"/>; null where nothing did. The lines before stay among the bytes.</summary>
    public FileBlock? After(long arrival)
    {
        if (arrival < FirstArrival)
            return this;
        EventRun[] left = [.. Runs.Select(run => run.After(arrival)).OfType<EventRun>()];
        return left.Length == 0 ? null : With(Offset, left);
    }

    /// <summary>Without the bytes before <paramref name="start"/>, in which all lines have expired.</summary>
    public FileBlock From(long start) => With(start, Runs, Length - (int)(start - Offset));

    private FileBlock With(long offset, EventRun[] runs, int? length = null) => new()
    {
        Offset = offset,
        Length = length ?? Length,
        LowestTimestamp = LowestTimestamp,
        HighestTimestamp = HighestTimestamp,
        Runs = runs,
        Levels = Levels,
        Lines = runs.Sum(run => run.Count),
        HasExactLevels = HasExactLevels && runs == Runs,
    };
}

/// <summary>How many lines there are of each severity.</summary>
[InlineArray(LevelSet.SeverityCount)]
internal struct LevelCounts
{
    private int _first;

    public readonly int Sum
    {
        get
        {
            var sum = 0;
            for (var level = 0; level < LevelSet.SeverityCount; level++)
                sum += this[level];
            return sum;
        }
    }

    public readonly LevelSet Set
    {
        get
        {
            var set = LevelSet.None;
            for (var level = 0; level < LevelSet.SeverityCount; level++)
            {
                if (this[level] > 0)
                    set = set.With((Severity)level);
            }

            return set;
        }
    }

    public void Add(in LevelCounts other)
    {
        for (var level = 0; level < LevelSet.SeverityCount; level++)
            this[level] += other[level];
    }
}
