namespace Akka.Ingest.Delivery;

using System.Buffers;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;

/// <summary>
/// Turns entries into runs of events, chunk by chunk, so that memory is bounded by the chunk; what is settled already is
/// left out without being expanded.
/// </summary>
/// <param name="from">The first event that is not settled.</param>
/// <param name="deadLettered">Ordinals from there on that already have a dead letter.</param>
/// <param name="reports">Told what is not there or cannot be read.</param>
/// <remarks>Not thread-safe: the state is where the partition stands.</remarks>
internal sealed class EntryExpander(StoredPosition from, IReadOnlySet<long> deadLettered, IJournalReports reports)
{
    private long _nextOrdinal = from.Ordinal;

    /// <summary>
    /// The events of the entry that are not settled, chunk by chunk. What cannot be read comes as rejected events
    /// (<see cref="UnreadableEvents"/>).
    /// </summary>
    /// <exception cref="InvalidDataException">The entry is not the one the stored position speaks of.</exception>
    public IEnumerable<ExpandedChunk> Expand(SequencedEntry source)
    {
        var entry = source.Entry;
        if (source.Sequence == from.Offset.Sequence && from.EntryChecksum != 0 && entry.Checksum != from.EntryChecksum)
            throw new InvalidDataException($"Entry {source.Sequence} is not the one the store knows: its checksum differs.");
        if (entry.FirstOrdinal > _nextOrdinal)
        {
            reports.Missing(_nextOrdinal, entry.FirstOrdinal);
            _nextOrdinal = entry.FirstOrdinal;
        }

        var chunks = entry.Chunks;
        for (var index = 0; index < entry.EventCount;)
        {
            if (ReadChunk(source, chunks, index, out var endIndex, out var length) is { } chunk)
                yield return chunk;
            _nextOrdinal = Math.Max(_nextOrdinal, entry.FirstOrdinal + endIndex);
            index = endIndex;
            chunks = chunks[length..];
        }
    }

    /// <summary>Null where all events of the chunk are settled.</summary>
    private ExpandedChunk? ReadChunk(SequencedEntry source, ReadOnlyMemory<byte> chunks, int index, out int endIndex, out int length)
    {
        // Until the header is understood, all that is left of the entry is at stake.
        endIndex = source.Entry.EventCount;
        length = chunks.Length;
        try
        {
            var header = ChunkCodec.ReadHeader(chunks.Span);
            if (header.EventCount > endIndex - index)
                throw new InvalidDataException("A chunk holds more events than are left of its entry.");
            endIndex = index + header.EventCount;
            length = ChunkCodec.HeaderLength + header.StoredLength;
            return source.Entry.FirstOrdinal + endIndex > _nextOrdinal ? Expand(source, header, chunks, index) : null;
        }
        catch (Exception exception) when (exception is InvalidDataException or OverflowException)
        {
            if (source.Entry.FirstOrdinal + endIndex <= _nextOrdinal)
                return null;
            reports.Unreadable(source.Sequence, index, endIndex, exception.Message);
            var records = UnreadableEvents.ToRecords(source, index, endIndex, chunks.Span[..length], exception.Message);
            return new ExpandedChunk(null, Cut(source, records, index, endIndex - index));
        }
    }

    private ExpandedChunk Expand(SequencedEntry source, in ChunkHeader header, ReadOnlyMemory<byte> chunk, int firstIndex)
    {
        if (header.Method == ChunkMethod.Plain)
            return new ExpandedChunk(null, Cut(source, chunk.Slice(ChunkCodec.HeaderLength, header.StoredLength), firstIndex, header.EventCount));
        var buffer = ArrayPool<byte>.Shared.Rent(header.RawLength);
        ChunkCodec.Expand(header, chunk.Span, buffer);
        return new ExpandedChunk(buffer, Cut(source, buffer.AsMemory(0, header.RawLength), firstIndex, header.EventCount));
    }

    /// <summary>Walks the record headers once; a run ends where the request or the way of the events changes.</summary>
    private List<EventRun> Cut(SequencedEntry source, ReadOnlyMemory<byte> records, int firstIndex, int count)
    {
        var runs = new List<EventRun>(Math.Min(count, source.Entry.Requests.Count));
        var bytes = records.Span;
        var requests = new RequestCursor(source.Entry.Requests);
        var at = 0;
        var runAt = 0;
        var runIndex = firstIndex;
        var runKind = default(RunKind);
        SpooledRequest? runRequest = null;
        for (var index = firstIndex; index < firstIndex + count; index++)
        {
            if (bytes.Length - at < EventRecord.HeaderLength)
                throw new InvalidDataException($"Entry {source.Sequence} ends inside event {index}.");
            var length = EventRecord.PeekLength(bytes[at..]);
            if (length < EventRecord.HeaderLength || length > bytes.Length - at)
                throw new InvalidDataException($"Event {index} of entry {source.Sequence} has the impossible length {length}.");
            var ordinal = source.Entry.FirstOrdinal + index;
            if (ordinal >= _nextOrdinal)
            {
                var kind = KindOf(ordinal, bytes[at + EventRecord.FlagsOffset]);
                var request = requests.RequestOf(index);
                if (kind != runKind || !ReferenceEquals(request, runRequest))
                {
                    Close(index);
                    (runAt, runIndex, runKind, runRequest) = (at, index, kind, request);
                }
            }

            at += length;
        }

        if (at != bytes.Length)
            throw new InvalidDataException($"A chunk of entry {source.Sequence} has {bytes.Length - at} bytes behind its last event.");
        Close(firstIndex + count);
        return runs;

        void Close(int end)
        {
            if (runRequest is not null)
                runs.Add(new EventRun(source, runRequest, runIndex, end - runIndex, records[runAt..at], runKind));
        }
    }

    private RunKind KindOf(long ordinal, byte flags)
    {
        if (deadLettered.Count > 0 && deadLettered.Contains(ordinal))
            return RunKind.DeadLettered;
        return (flags & EventRecord.RejectedFlag) != 0 ? RunKind.Rejected : RunKind.Store;
    }

    /// <summary>Which request the event with an index came with; indexes are asked in ascending order.</summary>
    private struct RequestCursor(IReadOnlyList<SpooledRequest> requests)
    {
        private int _request = -1;
        private int _end;

        public SpooledRequest RequestOf(int index)
        {
            while (index >= _end)
                _end += requests[++_request].EventCount;
            return requests[_request];
        }
    }
}
