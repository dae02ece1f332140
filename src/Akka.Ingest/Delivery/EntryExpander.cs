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
/// <param name="reportMissing">Called with [from, to) where the journal skips ordinals: an entry set aside as corrupt.</param>
/// <remarks>Not thread-safe: the state is where the partition stands.</remarks>
internal sealed class EntryExpander(StoredPosition from, IReadOnlySet<long> deadLettered, Action<long, long> reportMissing)
{
    private long _nextOrdinal = from.Ordinal;

    /// <exception cref="InvalidDataException">The entry contradicts itself or what came before.</exception>
    public IEnumerable<ExpandedChunk> Expand(SequencedEntry source)
    {
        var entry = source.Entry;
        if (source.Sequence == from.Offset.Sequence && from.EntryChecksum != 0 && entry.Checksum != from.EntryChecksum)
            throw new InvalidDataException($"Entry {source.Sequence} is not the one the store knows: its checksum differs.");
        if (entry.FirstOrdinal > _nextOrdinal)
        {
            reportMissing(_nextOrdinal, entry.FirstOrdinal);
            _nextOrdinal = entry.FirstOrdinal;
        }

        var chunks = entry.Chunks;
        var index = 0;
        while (!chunks.IsEmpty)
        {
            var header = ChunkCodec.ReadHeader(chunks.Span);
            var end = index + header.EventCount;
            if (entry.FirstOrdinal + end > _nextOrdinal)
            {
                if (end > entry.EventCount)
                    throw new InvalidDataException($"Entry {source.Sequence} holds more events than it says.");
                yield return Expand(source, header, chunks, index);
                _nextOrdinal = entry.FirstOrdinal + end;
            }

            index = end;
            chunks = chunks[(ChunkCodec.HeaderLength + header.StoredLength)..];
        }

        if (index != entry.EventCount)
            throw new InvalidDataException($"Entry {source.Sequence} holds {index} events and says {entry.EventCount}.");
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
            {
                if (++_request >= requests.Count)
                    throw new InvalidDataException("An entry holds more events than its requests.");
                _end += requests[_request].EventCount;
            }

            return requests[_request];
        }
    }
}
