namespace Akka.Ingest.Http;

using System.Buffers;

/// <summary>A decoded request body in one contiguous pooled buffer, paid for from the <see cref="InFlightBudget"/>. Dispose gives both back.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class BodyBuffer(InFlightBudget budget, TimeSpan hold) : IDisposable
{
    private byte[] _bytes = [];
    private long _paid;

    public int Length { get; private set; }
    public int Capacity => _bytes.Length;
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>Room behind what is written.</summary>
    public Memory<byte> Free => _bytes.AsMemory(Length);

    public void Advance(int count) => Length += count;

    /// <summary>Makes room for at least <paramref name="capacity"/> bytes in all; false when the budget stays used up.</summary>
    public async ValueTask<bool> EnsureCapacityAsync(int capacity, CancellationToken cancellationToken)
    {
        if (capacity <= _bytes.Length)
            return true;
        var larger = ArrayPool<byte>.Shared.Rent(capacity);
        if (!budget.TryTake(larger.Length) && !await WaitAsync(larger, cancellationToken))
            return false;
        Span.CopyTo(larger);
        GiveBack();
        _bytes = larger;
        _paid = larger.Length;
        return true;
    }

    public void Dispose()
    {
        GiveBack();
        _bytes = [];
        _paid = 0;
        Length = 0;
    }

    private async ValueTask<bool> WaitAsync(byte[] larger, CancellationToken cancellationToken)
    {
        var taken = false;
        try
        {
            taken = await budget.TakeAsync(larger.Length, alreadyReading: Length > 0, hold, cancellationToken);
        }
        finally
        {
            if (!taken)
                ArrayPool<byte>.Shared.Return(larger);
        }

        return taken;
    }

    private void GiveBack()
    {
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        if (_paid > 0)
            budget.Return(_paid);
    }
}
