namespace Akka.Ingest.LoadTest.Measure;

using K4os.Compression.LZ4;
using ZstdSharp;

/// <summary>What the events sent look like: their size, and how well blocks of 256 KiB of them compress.</summary>
internal sealed record EventDescription(string Source, double MeanBytes, double Zstd3Ratio, double Lz4Ratio);

internal static class CompressionMeter
{
    private const int BlockBytes = 256 * 1024;

    public static EventDescription Describe(string source, double meanBytes, ReadOnlySpan<byte> events)
    {
        using var zstd = new Compressor(level: 3);
        var lz4 = new byte[LZ4Codec.MaximumOutputSize(BlockBytes)];
        long raw = 0, asZstd = 0, asLz4 = 0;
        for (var at = 0; at < events.Length; at += BlockBytes)
        {
            var block = events.Slice(at, Math.Min(BlockBytes, events.Length - at));
            raw += block.Length;
            asZstd += zstd.Wrap(block).Length;
            asLz4 += LZ4Codec.Encode(block, lz4);
        }

        return new EventDescription(source, Math.Round(meanBytes, 1), Math.Round((double)raw / asZstd, 2), Math.Round((double)raw / asLz4, 2));
    }
}
