namespace Akka.Ingest.Benchmarks;

using System.Diagnostics;
using System.Globalization;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Akka.Ingest.Redaction;
using K4os.Compression.LZ4;
using ZstdSharp;

/// <summary>
/// Parse and compression figures on real log files: what an event costs with either codec, the journal's share included.
/// </summary>
internal static class CorpusReport
{
    /// <summary>CPU of the SQLite journal, as measured for docs/decisions/0001-compression.md.</summary>
    private const double JournalMsPerMiB = 13;

    private static readonly DateTime ReceivedAt = new(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc);

    public static int Run(string folder, TextWriter output)
    {
        var chunks = new List<byte[]>();
        var events = 0;
        var parser = new EventParser(new Redactor(new RedactionOptions()), 1 << 20);
        foreach (var file in Directory.GetFiles(folder, "*.ndjson").Order(StringComparer.Ordinal))
        {
            var body = File.ReadAllBytes(file);
            using var block = parser.Parse(EventFormat.Native, body, ReceivedAt, InvalidEvents.DeadLetter).Block;
            if (block is null)
                continue;
            events += block.EventCount;
            AddRawChunks(block, chunks);
            var best = Best(20, () => parser.Parse(EventFormat.Native, body, ReceivedAt, InvalidEvents.DeadLetter).Block?.Dispose());
            Write(output, $"{Path.GetFileName(file)}: {block.EventCount} events, {block.RejectedCount} rejected, {body.Length / block.EventCount} bytes each, {best * 1e9 / block.EventCount:F0} ns each");
        }

        var rawBytes = chunks.Sum(chunk => (long)chunk.Length);
        Write(output, $"{events} events, {rawBytes} bytes of records, {chunks.Count} chunks");
        var target = new byte[chunks.Max(chunk => Math.Max(LZ4Codec.MaximumOutputSize(chunk.Length), Compressor.GetCompressBound(chunk.Length)))];
        Codec("LZ4 fast", chunks, events, output, chunk => LZ4Codec.Encode(chunk, target, LZ4Level.L00_FAST), Lz4Back(chunks));
        foreach (var level in new[] { -5, -4, -3, -2, -1, 1, 3 })
        {
            using var compressor = new Compressor(level);
            Codec($"zstd {level}", chunks, events, output, chunk => compressor.Wrap(chunk, target), ZstdBack(chunks, level));
        }

        return 0;
    }

    private static void Codec(string name, List<byte[]> chunks, int events, TextWriter output, Func<byte[], int> compress, Action expand)
    {
        long stored = 0;
        var seconds = Best(15, () =>
        {
            stored = 0;
            foreach (var chunk in chunks)
                stored += compress(chunk);
        });
        var back = Best(15, expand);
        var raw = chunks.Sum(chunk => (double)chunk.Length);
        var journal = stored / 1048576.0 * JournalMsPerMiB / 1000;
        Write(output, $"{name,-9} {raw / seconds / 1e6,6:F0} MB/s in {raw / back / 1e6,6:F0} MB/s out, ratio {raw / stored:F2}, "
            + $"us/event: {seconds * 1e6 / events:F3} compress + {journal * 1e6 / events:F3} journal + {back * 1e6 / events:F3} expand = {(seconds + journal + back) * 1e6 / events:F3}");
    }

    private static Action Lz4Back(List<byte[]> chunks)
    {
        var packed = chunks.ConvertAll(chunk =>
        {
            var target = new byte[LZ4Codec.MaximumOutputSize(chunk.Length)];
            return target[..LZ4Codec.Encode(chunk, target, LZ4Level.L00_FAST)];
        });
        var room = new byte[chunks.Max(chunk => chunk.Length)];
        return () => packed.ForEach(chunk => LZ4Codec.Decode(chunk, room));
    }

    private static Action ZstdBack(List<byte[]> chunks, int level)
    {
        using var compressor = new Compressor(level);
        var packed = chunks.ConvertAll(chunk => compressor.Wrap(chunk).ToArray());
        var room = new byte[chunks.Max(chunk => chunk.Length)];
        var decompressor = new Decompressor();
        return () => packed.ForEach(chunk => decompressor.Unwrap(chunk, room));
    }

    private static void AddRawChunks(EventBlock block, List<byte[]> chunks)
    {
        var stored = block.Chunks.Span;
        while (!stored.IsEmpty)
        {
            var header = ChunkCodec.ReadHeader(stored);
            var raw = new byte[header.RawLength];
            ChunkCodec.Expand(header, stored, raw);
            chunks.Add(raw);
            stored = stored[(ChunkCodec.HeaderLength + header.StoredLength)..];
        }
    }

    /// <summary>Seconds of the fastest run: the machine's own noise only ever adds.</summary>
    private static double Best(int runs, Action action)
    {
        var best = double.MaxValue;
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    private static void Write(TextWriter output, FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static void Write(TextWriter output, string line) => output.WriteLine(line);
}
