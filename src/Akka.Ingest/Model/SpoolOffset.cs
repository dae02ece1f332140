namespace Akka.Ingest.Model;

/// <summary>
/// A position in one spool partition: every event before it is settled, that is stored or dead-lettered.
/// </summary>
/// <param name="Sequence">Journal sequence number of the entry the position lies in; 0 is before the first entry.</param>
/// <param name="Index">Events of that entry already settled. A whole entry settled is its event count.</param>
public readonly record struct SpoolOffset(long Sequence, int Index) : IComparable<SpoolOffset>
{
    public static readonly SpoolOffset Start = new(0, 0);

    public int CompareTo(SpoolOffset other) =>
        Sequence != other.Sequence ? Sequence.CompareTo(other.Sequence) : Index.CompareTo(other.Index);

    public static bool operator <(SpoolOffset left, SpoolOffset right) => left.CompareTo(right) < 0;
    public static bool operator >(SpoolOffset left, SpoolOffset right) => left.CompareTo(right) > 0;
    public static bool operator <=(SpoolOffset left, SpoolOffset right) => left.CompareTo(right) <= 0;
    public static bool operator >=(SpoolOffset left, SpoolOffset right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Sequence}+{Index}";
}

/// <summary>
/// What a store keeps for one partition of one spool, written in the transaction of the events.
/// </summary>
/// <param name="Offset">Everything before it is settled.</param>
/// <param name="Ordinal">Ordinal of the first event that is not settled: how many events of the partition are settled.</param>
/// <param name="EntryChecksum">Checksum of the entry <see cref="SpoolOffset.Sequence"/>, to tell a restored journal; 0 at the start.</param>
public readonly record struct StoredPosition(SpoolOffset Offset, long Ordinal, ulong EntryChecksum)
{
    public static readonly StoredPosition Start = new(SpoolOffset.Start, 0, 0);
}
