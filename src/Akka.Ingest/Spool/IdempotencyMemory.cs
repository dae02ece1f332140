namespace Akka.Ingest.Spool;

using System.Diagnostics.CodeAnalysis;

/// <summary>An accepted request with a declared identity.</summary>
/// <param name="Key">Hash of the idempotency key.</param>
/// <param name="Body">Hash of the body.</param>
/// <param name="FirstOrdinal">Where its events begin.</param>
/// <param name="Accepted">Events, rejected ones included.</param>
/// <param name="Rejected">Events for the dead letters.</param>
/// <param name="At">When it was received, UTC.</param>
public readonly record struct RememberedRequest(UInt128 Key, UInt128 Body, long FirstOrdinal, int Accepted, int Rejected, DateTime At);

/// <summary>The newest accepted identities, at most <paramref name="capacity"/> of them, none older than <see cref="Lifetime"/>.</summary>
/// <remarks>Time comes in with the requests; nothing here reads a clock. About 110 bytes a key.</remarks>
internal sealed class IdempotencyMemory(int capacity)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly Dictionary<UInt128, RememberedRequest> _byKey = [];
    private readonly Queue<(UInt128 Key, DateTime At)> _inOrder = [];

    public int Count => _byKey.Count;

    /// <summary>Oldest first.</summary>
    public IEnumerable<RememberedRequest> Requests
    {
        get
        {
            foreach (var (key, at) in _inOrder)
            {
                if (_byKey.TryGetValue(key, out var request) && request.At == at)
                    yield return request;
            }
        }
    }

    public bool TryFind(UInt128 key, DateTime now, [MaybeNullWhen(false)] out RememberedRequest request) =>
        _byKey.TryGetValue(key, out request) && now - request.At < Lifetime;

    public void Remember(in RememberedRequest request)
    {
        _byKey[request.Key] = request;
        _inOrder.Enqueue((request.Key, request.At));
        // A key accepted again after its lifetime leaves its older place behind, so the queue may be longer than the map.
        while (_inOrder.TryPeek(out var oldest) && (_inOrder.Count > capacity || request.At - oldest.At >= Lifetime))
        {
            _inOrder.Dequeue();
            if (_byKey.TryGetValue(oldest.Key, out var found) && found.At == oldest.At)
                _byKey.Remove(oldest.Key);
        }
    }
}
