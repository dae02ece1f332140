namespace Akka.Ingest.Http;

using System.Collections.Concurrent;

/// <summary>Requests a minute for each API key: a fixed window on each node, as limits are told to clients. Bounded by the number of keys.</summary>
internal sealed class RequestLimiter(TimeProvider time)
{
    private const int WindowSeconds = 60;
    private readonly ConcurrentDictionary<string, Window> _windows = new(StringComparer.Ordinal);

    /// <summary>Counts one request; returns the limit where it is used up, else null.</summary>
    public RateLimit? Count(ApiKey key)
    {
        if (key.RequestsPerMinute <= 0)
            return null;
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        var window = _windows.GetOrAdd(key.Id, static _ => new Window());
        return window.TryCount(seconds / WindowSeconds, key.RequestsPerMinute)
            ? null
            : new RateLimit("requests-per-minute", key.RequestsPerMinute, WindowSeconds, WindowSeconds - (int)(seconds % WindowSeconds));
    }

    private sealed class Window
    {
        private readonly Lock _lock = new();
        private long _number = -1;
        private int _used;

        public bool TryCount(long number, int limit)
        {
            lock (_lock)
            {
                if (number != _number)
                {
                    _number = number;
                    _used = 0;
                }

                if (_used >= limit)
                    return false;
                _used++;
                return true;
            }
        }
    }
}
