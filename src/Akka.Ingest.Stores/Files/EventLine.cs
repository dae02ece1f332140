namespace Akka.Ingest.Stores.Files;

using System.IO.Hashing;
using Akka.Ingest.Model;

/// <summary>A line whose checksum holds, without its newline. See <see cref="LineFormat"/>.</summary>
internal readonly ref struct EventLine
{
    // An event without any field, from the year 1, received and stored as the first.
    private const int ShortestLength = 150;
    private readonly int _storeAt;

    private EventLine(ReadOnlySpan<byte> bytes, int storeAt)
    {
        Bytes = bytes;
        _storeAt = storeAt;
    }

    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>From the opening brace to the comma before <c>"_store"</c>.</summary>
    public ReadOnlySpan<byte> Event => Bytes[.._storeAt];

    /// <summary>From the comma before <c>"_store"</c> to the one before <c>"x"</c>.</summary>
    public ReadOnlySpan<byte> Store => Bytes[_storeAt..^LineFormat.TailLength];

    public long Arrival
    {
        get
        {
            var at = LineFormat.BeforeStore.Length;
            return LineText.ReadNumber(Store, ref at);
        }
    }

    public static bool TryVerify(ReadOnlySpan<byte> bytes, out EventLine line)
    {
        line = default;
        if (bytes.Length < ShortestLength || !bytes.StartsWith(LineFormat.Start) || !bytes.EndsWith(LineFormat.TailEnd))
            return false;
        var tail = bytes[^LineFormat.TailLength..];
        var hashed = bytes[..^LineFormat.TailLength];
        if (!tail.StartsWith(LineFormat.TailStart)
            || !LineText.TryReadHex(tail[LineFormat.TailStart.Length..], out var checksum)
            || XxHash3.HashToUInt64(hashed) != checksum)
            return false;
        var storeAt = hashed.LastIndexOf(LineFormat.BeforeStore);
        if (storeAt < 0)
            return false;
        line = new EventLine(bytes, storeAt);
        return true;
    }

    /// <summary>What the last line of a batch says; null on the others.</summary>
    public LineCommit? ReadCommit()
    {
        var store = Store;
        var at = store.LastIndexOf(LineFormat.BeforeCommit);
        if (at < 0)
            return null;
        at += LineFormat.BeforeCommit.Length;
        var sequence = LineText.ReadNumber(store, ref at);
        at += ",\"index\":".Length;
        var index = (int)LineText.ReadNumber(store, ref at);
        at += ",\"ordinal\":".Length;
        var ordinal = LineText.ReadNumber(store, ref at);
        at += ",\"checksum\":\"".Length;
        if (!LineText.TryReadHex(store[at..], out var checksum))
            throw new InvalidDataException("A commit has no checksum of its entry.");
        at += 16 + "\",\"lines\":".Length;
        var lines = (int)LineText.ReadNumber(store, ref at);
        at += ",\"group\":".Length;
        var position = new StoredPosition(new SpoolOffset(sequence, index), ordinal, checksum);
        return new LineCommit(position, lines, LineText.ReadNumber(store, ref at));
    }

    /// <summary>The ticks, where the text of the timestamp does not give them back.</summary>
    public long? ReadTicks()
    {
        var store = Store;
        var at = LineFormat.BeforeStore.Length;
        LineText.ReadNumber(store, ref at);
        if (!store[at..].StartsWith(LineFormat.BeforeTicks))
            return null;
        at += LineFormat.BeforeTicks.Length;
        return LineText.ReadNumber(store, ref at);
    }
}
