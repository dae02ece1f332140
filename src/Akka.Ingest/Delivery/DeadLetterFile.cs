namespace Akka.Ingest.Delivery;

using System.Buffers;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Writes and reads one dead-letter file.</summary>
internal static class DeadLetterFile
{
    /// <summary>
    /// Writes the letters as one file: temporary file, flush to disk, rename, flush of the directory. On return the file is
    /// durable under its name. If the file exists, its lines stay as they are and only what is not among them is added, so
    /// writing again changes nothing.
    /// </summary>
    /// <exception cref="IOException">Disk full and the like; trying again is safe.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory or file may not be written.</exception>
    public static void Write(string path, IReadOnlyList<DeadLetter> letters)
    {
        var existing = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var known = ReadOrdinals(existing, out _).ToHashSet();
        var fresh = letters.Where(letter => !known.Contains(letter.Id.Ordinal)).ToList();
        var directory = Path.GetDirectoryName(path)!;
        if (fresh.Count > 0)
        {
            DirectoryFlush.CreateDurably(directory);
            var temporary = Path.ChangeExtension(path, DeadLetterFileName.TemporaryExtension);
            WriteTemporary(temporary, existing, fresh);
            File.Move(temporary, path, overwrite: true);
        }

        DirectoryFlush.Flush(directory);
    }

    /// <summary>Ordinals of the whole lines, in the order of the file; <paramref name="damagedLines"/> counts the others.</summary>
    public static List<long> ReadOrdinals(ReadOnlySpan<byte> content, out int damagedLines)
    {
        var ordinals = new List<long>();
        damagedLines = 0;
        while (!content.IsEmpty)
        {
            var end = content.IndexOf((byte)'\n');
            var line = end < 0 ? content : content[..end];
            if (end >= 0 && DeadLetterLine.TryReadId(line, out EventId id))
                ordinals.Add(id.Ordinal);
            else
                damagedLines++;
            content = end < 0 ? [] : content[(end + 1)..];
        }

        return ordinals;
    }

    /// <summary>How many whole lines each API key has.</summary>
    public static IReadOnlyDictionary<string, int> ReadKeys(ReadOnlySpan<byte> content)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        while (content.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (DeadLetterLine.TryReadId(content[..end], out _))
            {
                var apiKeyId = DeadLetterLine.ReadApiKeyId(content[..end]);
                counts[apiKeyId] = counts.GetValueOrDefault(apiKeyId) + 1;
            }

            content = content[(end + 1)..];
        }

        return counts;
    }

    private static void WriteTemporary(string temporary, byte[] existing, List<DeadLetter> fresh)
    {
        using var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024);
        file.Write(existing);
        if (existing is [.., not (byte)'\n'])
            file.WriteByte((byte)'\n');
        var line = new ArrayBufferWriter<byte>(4 * 1024);
        foreach (var letter in fresh)
        {
            DeadLetterLine.Write(line, letter);
            file.Write(line.WrittenSpan);
        }

        file.Flush(flushToDisk: true);
    }
}
