namespace Akka.Ingest.Benchmarks;

using System.Text.Json;
using Akka.Ingest.Hosting;
using Akka.Ingest.Redaction;
using BenchmarkDotNet.Attributes;

/// <summary>The redaction of one value while a reader passes over it.</summary>
[MemoryDiagnoser]
public class RedactBenchmarks : IDisposable
{
    private static readonly byte[] Plain = """{"requestId":"0HN7","status":200,"elapsed":3.5,"user":{"id":"u1","roles":["a","b"]},"path":"/orders/1"}"""u8.ToArray();
    private static readonly byte[] Secret = """{"requestId":"0HN7","status":200,"elapsed":3.5,"user":{"id":"u1","password":["a","b"]},"path":"/orders/1"}"""u8.ToArray();
    private static readonly byte[] JsonText = """{"requestId":"0HN7","request":"{\"user\":\"u1\",\"password\":\"p\",\"roles\":[1,2]}"}"""u8.ToArray();

    private readonly RedactionWalk _walk = new(new Redactor(new RedactionOptions()));
    private readonly Utf8Buffer _output = new();

    [Benchmark]
    public bool NothingToMask() => Redact(Plain);

    [Benchmark]
    public bool OneSecret() => Redact(Secret);

    [Benchmark]
    public bool SecretInJsonText() => Redact(JsonText);

    public void Dispose()
    {
        _walk.Dispose();
        _output.Dispose();
        GC.SuppressFinalize(this);
    }

    private bool Redact(byte[] json)
    {
        _output.Clear();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return _walk.Redact(ref reader, json, 0, _output);
    }
}
