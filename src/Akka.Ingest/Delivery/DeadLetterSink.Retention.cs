namespace Akka.Ingest.Delivery;

/// <summary>What the ledger and retention ask: numbers by API key, and the end of old files.</summary>
internal sealed partial class DeadLetterSink : IDeadLetterRetention
{
    /// <summary>Files that go in one step, each deleted and the directory flushed once.</summary>
    private const int StepFiles = 100;

    private readonly DeadLetterExpiry _expiry = new(Path.GetFullPath(directory));
    private readonly Dictionary<DeadLetterFileName, (int Count, IReadOnlyDictionary<string, int> ByKey)> _keys = [];
    private readonly Lock _retention = new();

    public IReadOnlyList<DeadLetterCounts> ReadCounts()
    {
        lock (_retention)
        {
            var counts = new Dictionary<(Guid SpoolId, string ApiKeyId), (long Kept, long Expired)>();
            foreach (var expired in _expiry.ReadCounts())
                counts[(expired.SpoolId, expired.ApiKeyId)] = (0, expired.Events);
            foreach (var (name, range) in Files())
            {
                foreach (var (apiKeyId, events) in KeysOf(name, range))
                {
                    var count = counts.GetValueOrDefault((name.SpoolId, apiKeyId));
                    counts[(name.SpoolId, apiKeyId)] = count with { Kept = count.Kept + events };
                }
            }

            return [.. counts.Select(pair => new DeadLetterCounts(pair.Key.SpoolId, pair.Key.ApiKeyId, pair.Value.Kept, pair.Value.Expired))];
        }
    }

    public DeadLetterFiles FindExpired(DateTime before, Func<Guid, int, long> settledOrdinal) => Sum(Old(before, settledOrdinal));

    public DeadLetterFiles Expire(DateTime before, Func<Guid, int, long> settledOrdinal)
    {
        lock (_retention)
        {
            var old = Old(before, settledOrdinal).Take(StepFiles).ToArray();
            if (old.Length == 0)
                return default;
            _expiry.Remove([.. old.Select(file => (file.Name, KeysOf(file.Name, file.Range)))]);
            lock (_lock)
            {
                foreach (var (name, range, _) in old)
                    RangesOf(name.SpoolId, name.Partition).Remove(range);
            }

            foreach (var (name, _, _) in old)
                _keys.Remove(name);
            return Sum(old);
        }
    }

    private IEnumerable<(DeadLetterFileName Name, DeadLetterRange Range, long Bytes)> Old(DateTime before, Func<Guid, int, long> settledOrdinal)
    {
        foreach (var (name, range) in Files())
        {
            var file = new FileInfo(PathOf(name));
            if (file.Exists && file.LastWriteTimeUtc < before && range.LastOrdinal < settledOrdinal(name.SpoolId, name.Partition))
                yield return (name, range, file.Length);
        }
    }

    private List<(DeadLetterFileName Name, DeadLetterRange Range)> Files()
    {
        lock (_lock)
        {
            return [.. (_partitions ??= Load()).SelectMany(partition => partition.Value.All.Select(range =>
                (NameOf(partition.Key.SpoolId, partition.Key.Partition, range), range)))];
        }
    }

    /// <summary>Read once for each file; read anew when letters were added to it.</summary>
    private IReadOnlyDictionary<string, int> KeysOf(DeadLetterFileName name, DeadLetterRange range)
    {
        if (_keys.TryGetValue(name, out var known) && known.Count == range.Count)
            return known.ByKey;
        var byKey = DeadLetterFile.ReadKeys(File.Exists(PathOf(name)) ? File.ReadAllBytes(PathOf(name)) : []);
        _keys[name] = (range.Count, byKey);
        return byKey;
    }

    private static DeadLetterFiles Sum(IEnumerable<(DeadLetterFileName Name, DeadLetterRange Range, long Bytes)> files) =>
        files.Aggregate(default(DeadLetterFiles), (sum, file) => new DeadLetterFiles(sum.Files + 1, sum.Events + file.Range.Count, sum.Bytes + file.Bytes));
}
