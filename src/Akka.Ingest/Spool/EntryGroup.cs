namespace Akka.Ingest.Spool;

using System.Buffers;
using Akka.Actor;
using Akka.Ingest.Model;

/// <summary>A request that waits for its journal transaction, with everybody who waits for its outcome.</summary>
internal sealed class PendingAppend(SpoolProtocol.Append append, IActorRef sender)
{
    public SpoolProtocol.Append Append { get; } = append;
    public IActorRef Sender { get; } = sender;

    /// <summary>Repeats of the same request that came meanwhile; null for none.</summary>
    public List<IActorRef>? Followers { get; set; }

    public int StoredBytes => Append.StoredBytes;
}

/// <summary>The requests of one journal transaction, formed into one entry.</summary>
internal sealed record EntryGroup(SpoolEntry Entry, IReadOnlyList<PendingAppend> Requests)
{
    /// <summary>
    /// Takes requests from the front of the queue until the entry is full, copies their events, and makes the entry. Null when
    /// every one of them was given up by its sender; those are added to <paramref name="givenUp"/>.
    /// </summary>
    /// <remarks>
    /// Small requests come as plain chunks; neighbours are joined and compressed as one, since LZ4 finds little in a single
    /// event and much in fifty that look alike.
    /// </remarks>
    public static EntryGroup? Form(Queue<PendingAppend> waiting, int maxBytes, uint epoch, long firstOrdinal, List<PendingAppend> givenUp)
    {
        var taken = new List<PendingAppend>();
        var requests = new List<SpooledRequest>();
        var chunks = new List<ReadOnlyMemory<byte>>();
        var size = 0;
        using var joined = new JoinedChunks();
        try
        {
            while (waiting.TryPeek(out var next) && (taken.Count == 0 || size + next.StoredBytes <= maxBytes))
            {
                waiting.Dequeue();
                var append = next.Append;
                if (!append.TryTake())
                {
                    givenUp.Add(next);
                    continue;
                }

                size += next.StoredBytes;
                taken.Add(next);
                requests.Add(new SpooledRequest(
                    append.ReceivedAt, append.ApiKeyId, append.Block.EventCount, append.Block.RejectedCount, append.Identity));
                if (append.Block.IsPlain)
                {
                    joined.Add(append.Block.Chunks.Span, chunks);
                }
                else
                {
                    joined.Close(chunks);
                    chunks.Add(append.Block.Chunks);
                }
            }

            if (taken.Count == 0)
                return null;
            joined.Close(chunks);
            return new EntryGroup(SpoolEntryFormat.Write(epoch, firstOrdinal, requests, chunks), taken);
        }
        finally
        {
            foreach (var pending in taken)
                pending.Append.MarkCopied();
        }
    }

    /// <summary>Joins plain chunks; what it adds to the list stays valid until it is disposed.</summary>
    private sealed class JoinedChunks : IDisposable
    {
        private readonly List<byte[]> _rented = [];
        private byte[] _raw = [];
        private int _length;
        private int _events;

        public void Add(ReadOnlySpan<byte> chunk, List<ReadOnlyMemory<byte>> target)
        {
            var header = ChunkCodec.ReadHeader(chunk);
            if (_length > 0 && _length + header.RawLength > ChunkCodec.TargetRawBytes)
                Close(target);
            if (_raw.Length == 0)
                _raw = Rent(ChunkCodec.TargetRawBytes);
            ChunkCodec.Expand(header, chunk, _raw.AsSpan(_length));
            _length += header.RawLength;
            _events += header.EventCount;
        }

        public void Close(List<ReadOnlyMemory<byte>> target)
        {
            if (_length == 0)
                return;
            var chunk = Rent(ChunkCodec.MaxLength(_length));
            var length = ChunkCodec.Write(chunk, _raw.AsSpan(0, _length), _events, compress: true);
            target.Add(chunk.AsMemory(0, length));
            _length = 0;
            _events = 0;
        }

        public void Dispose()
        {
            foreach (var buffer in _rented)
                ArrayPool<byte>.Shared.Return(buffer);
        }

        private byte[] Rent(int size)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(size);
            _rented.Add(buffer);
            return buffer;
        }
    }
}
