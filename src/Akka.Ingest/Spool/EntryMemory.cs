namespace Akka.Ingest.Spool;

using System.Collections.Immutable;

/// <summary>
/// The entries kept for delivery: an unbroken run of at most <paramref name="maxBytes"/>. What it does not hold is read back
/// from the journal.
/// </summary>
internal sealed class EntryMemory(long maxBytes)
{
    /// <summary>What one answer holds at most, unless a single entry is larger.</summary>
    public const int MaxAnswerBytes = 4 * 1024 * 1024;

    private readonly Queue<SequencedEntry> _entries = [];

    /// <summary>Every entry after <see cref="After"/> and up to <see cref="Through"/> is here.</summary>
    public long After { get; private set; }
    public long Through { get; private set; }
    public long Bytes { get; private set; }
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Forgets everything and goes on behind <paramref name="sequence"/>.</summary>
    public void Restart(long sequence)
    {
        _entries.Clear();
        Bytes = 0;
        After = Through = sequence;
    }

    /// <summary>A new entry. <paramref name="previous"/> is the sequence number of the entry before it.</summary>
    public void Add(SequencedEntry entry, long previous)
    {
        if (Through < previous)
            return;
        var size = entry.Entry.Bytes.Length;
        if (_entries.Count > 0 && Bytes + size > maxBytes)
            return;
        _entries.Enqueue(entry);
        Bytes += size;
        Through = entry.Sequence;
    }

    /// <summary>Drops what was handed over before: delivery has it, or reads it again.</summary>
    public void DropThrough(long sequence)
    {
        while (_entries.TryPeek(out var first) && first.Sequence <= sequence)
        {
            Bytes -= _entries.Dequeue().Entry.Bytes.Length;
            After = first.Sequence;
        }
    }

    /// <summary>The oldest entries held, up to <see cref="MaxAnswerBytes"/>.</summary>
    public ImmutableArray<SequencedEntry> Oldest()
    {
        var items = ImmutableArray.CreateBuilder<SequencedEntry>();
        var size = 0L;
        foreach (var entry in _entries)
        {
            size += entry.Entry.Bytes.Length;
            if (items.Count > 0 && size > MaxAnswerBytes)
                break;
            items.Add(entry);
        }

        return items.DrainToImmutable();
    }
}
