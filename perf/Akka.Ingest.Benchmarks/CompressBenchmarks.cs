namespace Akka.Ingest.Benchmarks;

using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Akka.Ingest.Redaction;
using BenchmarkDotNet.Attributes;
using ZstdSharp;

/// <summary>One chunk of records, with the codec in use and with the one that was weighed against it.</summary>
[MemoryDiagnoser]
public class CompressBenchmarks : IDisposable
{
    private readonly byte[] _records;
    private readonly byte[] _target;
    private readonly byte[] _chunk;
    private readonly Compressor _zstd = new(1);

    public CompressBenchmarks()
    {
        using var block = new EventParser(new Redactor(new RedactionOptions()), 1 << 20)
            .Parse(EventFormat.Native, SampleBodies.Native(1_000), SampleBodies.ReceivedAt, InvalidEvents.Refuse).Block!;
        _chunk = block.Chunks.ToArray();
        var header = ChunkCodec.ReadHeader(_chunk);
        _records = new byte[header.RawLength];
        ChunkCodec.Expand(header, _chunk, _records);
        _target = new byte[Math.Max(ChunkCodec.MaxLength(_records.Length), Compressor.GetCompressBound(_records.Length))];
    }

    [Benchmark(Baseline = true)]
    public int Lz4() => ChunkCodec.Write(_target, _records, 1_000, compress: true);

    [Benchmark]
    public int Zstd1() => _zstd.Wrap(_records, _target);

    [Benchmark]
    public void Lz4Expand() => ChunkCodec.Expand(ChunkCodec.ReadHeader(_chunk), _chunk, _records);

    public void Dispose()
    {
        _zstd.Dispose();
        GC.SuppressFinalize(this);
    }
}
