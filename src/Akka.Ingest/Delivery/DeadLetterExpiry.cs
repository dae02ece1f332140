namespace Akka.Ingest.Delivery;

using System.Text.Json;
using Akka.Ingest.Storage;

/// <summary>Dead letters of one partition and API key that retention removed.</summary>
internal readonly record struct ExpiredLetters(Guid SpoolId, string ApiKeyId, long Events);

/// <summary>
/// The memory of dead letters that retention removed: <c>expired.json</c> beside the files. A file is counted and named in it before
/// it is deleted, so that a crash in between neither loses nor repeats a count.
/// </summary>
/// <remarks>
/// <code>{"version":1,"pending":["…ndjson"],"counts":[{"spoolId":"…","apiKeyId":"","events":3}]}</code>
/// <c>pending</c>: files that are counted already and may still be there. Not thread-safe.
/// </remarks>
internal sealed class DeadLetterExpiry(string directory)
{
    public const string FileName = "expired.json";
    private const int Version = 1;
    private readonly Dictionary<(Guid SpoolId, string ApiKeyId), long> _counts = [];
    private readonly HashSet<string> _pending = new(StringComparer.Ordinal);
    private bool _isLoaded;

    private string Path => System.IO.Path.Combine(directory, FileName);

    /// <exception cref="IOException">The file cannot be read.</exception>
    public IReadOnlyList<ExpiredLetters> ReadCounts()
    {
        Load();
        return [.. _counts.Select(pair => new ExpiredLetters(pair.Key.SpoolId, pair.Key.ApiKeyId, pair.Value))];
    }

    /// <summary>Counts the files and deletes them. Repeat it after a failure.</summary>
    /// <param name="files">Files with their letters by API key.</param>
    /// <exception cref="IOException">Disk full and the like.</exception>
    public void Remove(IReadOnlyList<(DeadLetterFileName Name, IReadOnlyDictionary<string, int> ByKey)> files)
    {
        Load();
        foreach (var (name, byKey) in files)
        {
            if (!_pending.Add(name.ToString()))
                continue;
            foreach (var (apiKeyId, events) in byKey)
                _counts[(name.SpoolId, apiKeyId)] = _counts.GetValueOrDefault((name.SpoolId, apiKeyId)) + events;
        }

        Save();
        foreach (var name in _pending)
            File.Delete(System.IO.Path.Combine(directory, name));
        DirectoryFlush.Flush(directory);
        _pending.Clear();
    }

    private void Load()
    {
        if (_isLoaded)
            return;
        if (File.Exists(Path))
        {
            using var document = Parse(File.ReadAllBytes(Path));
            foreach (var name in document.RootElement.GetProperty("pending").EnumerateArray())
                _pending.Add(name.GetString()!);
            foreach (var count in document.RootElement.GetProperty("counts").EnumerateArray())
                _counts[(count.GetProperty("spoolId").GetGuid(), count.GetProperty("apiKeyId").GetString()!)] = count.GetProperty("events").GetInt64();
        }

        _isLoaded = true;
    }

    private JsonDocument Parse(byte[] content)
    {
        try
        {
            var document = JsonDocument.Parse(content);
            if (document.RootElement.GetProperty("version").GetInt32() == Version)
                return document;
            document.Dispose();
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException($"'{Path}' cannot be read: {exception.Message} Move it away to go on; the counts of expired dead letters in it are lost then.", exception);
        }

        throw new IOException($"'{Path}' was written by a newer version.");
    }

    private void Save()
    {
        var temporary = Path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            using (var json = new Utf8JsonWriter(file))
                Write(json);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path, overwrite: true);
        DirectoryFlush.Flush(directory);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version"u8, Version);
        json.WriteStartArray("pending"u8);
        foreach (var name in _pending)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteStartArray("counts"u8);
        foreach (var ((spoolId, apiKeyId), events) in _counts)
        {
            json.WriteStartObject();
            json.WriteString("spoolId"u8, spoolId);
            json.WriteString("apiKeyId"u8, apiKeyId);
            json.WriteNumber("events"u8, events);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
