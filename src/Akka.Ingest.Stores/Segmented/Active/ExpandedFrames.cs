namespace Akka.Ingest.Stores.Segmented.Active;

/// <summary>Keeps the frames that were used last expanded, within a limit of bytes.</summary>
internal sealed class ExpandedFrames(long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FrameBlock, LinkedListNode<(FrameBlock Block, ExpandedFrame Frame)>> _byBlock = [];
    private readonly LinkedList<(FrameBlock Block, ExpandedFrame Frame)> _byUse = [];
    private long _bytes;

    public ExpandedFrame Get(FrameBlock block)
    {
        lock (_lock)
        {
            if (_byBlock.TryGetValue(block, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Frame;
            }
        }

        // Two readers may expand the same frame at once; that costs time and nothing else.
        var frame = block.Expand();
        lock (_lock)
        {
            if (_byBlock.TryAdd(block, new LinkedListNode<(FrameBlock Block, ExpandedFrame Frame)>((block, frame))))
            {
                _byUse.AddFirst(_byBlock[block]);
                _bytes += frame.Bytes;
            }

            while (_bytes > maxBytes && _byUse.Last is { } last && last != _byUse.First)
                Forget(last);
        }

        return frame;
    }

    /// <summary>Drops the frames of files that are gone.</summary>
    public void Forget(IEnumerable<FrameBlock> blocks)
    {
        lock (_lock)
        {
            foreach (var block in blocks)
            {
                if (_byBlock.TryGetValue(block, out var node))
                    Forget(node);
            }
        }
    }

    private void Forget(LinkedListNode<(FrameBlock Block, ExpandedFrame Frame)> node)
    {
        _byUse.Remove(node);
        _byBlock.Remove(node.Value.Block);
        _bytes -= node.Value.Frame.Bytes;
    }
}
