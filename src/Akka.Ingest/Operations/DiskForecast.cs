namespace Akka.Ingest.Operations;

/// <summary>
/// When a disk is full if it goes on filling as it did in the last minutes. Pure: told the samples. Keeps a bounded number of them.
/// </summary>
internal sealed class DiskForecast
{
    /// <summary>How far back the rate looks.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    /// <summary>Less than this says nothing about a rate.</summary>
    public static readonly TimeSpan MinSpan = TimeSpan.FromMinutes(1);
    private readonly Queue<(DateTime At, long FreeBytes)> _samples = [];
    private readonly Lock _lock = new();
    private (DateTime At, long FreeBytes) _last;

    public void Add(DateTime at, long freeBytes)
    {
        lock (_lock)
        {
            _samples.Enqueue((at, freeBytes));
            _last = (at, freeBytes);
            while (_samples.Peek().At < at - Window)
                _samples.Dequeue();
        }
    }

    /// <summary>Seconds until nothing is free; null while too little is known, and where the disk does not fill.</summary>
    public double? SecondsUntilFull()
    {
        lock (_lock)
        {
            if (!_samples.TryPeek(out var first) || _last.At - first.At < MinSpan || first.FreeBytes <= _last.FreeBytes)
                return null;
            return _last.FreeBytes * (_last.At - first.At).TotalSeconds / (first.FreeBytes - _last.FreeBytes);
        }
    }
}
