namespace Akka.Ingest.Delivery;

/// <summary>Fills a batch up to its limits; pure but for the memory it holds. Not thread-safe.</summary>
internal sealed class BatchBuilder(int maxEvents, int maxBytes)
{
    private List<EventRun> _runs = [];
    private List<ExpandedChunk> _chunks = [];
    private int _events;
    private int _bytes;

    /// <summary>No further event fits, or the next one did not.</summary>
    public bool IsFull { get; private set; }

    public bool IsEmpty => _events == 0;

    /// <summary>
    /// Takes as many events as fit. True when the chunk is used up, and then the batch holds it in place of the caller;
    /// false when a rest stays with the caller, and then the batch is full.
    /// </summary>
    public bool Take(ExpandedChunk chunk)
    {
        var before = _events;
        while (!IsFull && chunk.Remaining is [var run, ..])
        {
            var fitting = run.Count <= maxEvents - _events && run.Records.Length <= maxBytes - _bytes
                ? run.Count
                : run.CountFitting(maxEvents - _events, maxBytes - _bytes);
            // An event larger than the limit still has to go; it goes alone.
            if (fitting == 0 && IsEmpty)
                fitting = 1;
            if (fitting == run.Count)
            {
                Add(run);
                chunk.Advance();
            }
            else if (fitting > 0)
            {
                var (head, tail) = run.Split(fitting);
                Add(head);
                chunk.Advance(tail);
                IsFull = true;
            }
            else
            {
                IsFull = true;
            }
        }

        var usedUp = chunk.Remaining.IsEmpty;
        if (_events > before)
        {
            if (!usedUp)
                chunk.Hold();
            _chunks.Add(chunk);
        }
        else if (usedUp)
        {
            chunk.Release();
        }

        return usedUp;
    }

    /// <summary>What was taken so far, at least one event; the builder is empty afterwards.</summary>
    public DeliveryBatch Build()
    {
        var batch = new DeliveryBatch(_runs, _events, _chunks);
        // The next batch is likely to be like this one; growing step by step would copy it several times.
        _runs = new List<EventRun>(_runs.Count);
        _chunks = new List<ExpandedChunk>(_chunks.Count);
        _events = 0;
        _bytes = 0;
        IsFull = false;
        return batch;
    }

    private void Add(EventRun run)
    {
        _runs.Add(run);
        _events += run.Count;
        _bytes += run.Records.Length;
        IsFull = _events >= maxEvents || _bytes >= maxBytes;
    }
}
