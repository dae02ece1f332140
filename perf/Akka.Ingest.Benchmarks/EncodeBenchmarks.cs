namespace Akka.Ingest.Benchmarks;

using Akka.Ingest.Model;
using BenchmarkDotNet.Attributes;

/// <summary>Writing and reading encoded records; per event.</summary>
[MemoryDiagnoser]
public class EncodeBenchmarks : IDisposable
{
    private const int Events = 1_000;
    private readonly EventRecordWriter _writer = new();
    private readonly byte[] _records;

    public EncodeBenchmarks()
    {
        Write();
        _records = _writer.WrittenSpan.ToArray();
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int Write()
    {
        _writer.Clear();
        for (var i = 0; i < Events; i++)
        {
            _writer.Begin(639_000_000_000_000_000 + i, 3, Severity.Information);
            _writer.Append(EventField.Message, "Request finished GET /orders/7919 in 23.5 ms"u8);
            _writer.Append(EventField.Source, "shop"u8);
            _writer.Append(EventField.Host, "web-1"u8);
            _writer.Append(EventField.Properties, """{"requestId":"0HN00019919","status":200,"elapsed":23.5,"userId":"u7","path":"/orders/7919"}"""u8);
            _writer.End();
        }

        return _writer.Length;
    }

    [Benchmark(OperationsPerInvoke = Events)]
    public int Read()
    {
        var rest = _records.AsSpan();
        var total = 0;
        while (!rest.IsEmpty)
        {
            var record = EventRecord.Read(rest);
            total += record[EventField.Message].Length + record[EventField.Properties].Length;
            rest = rest[record.Bytes.Length..];
        }

        return total;
    }

    public void Dispose()
    {
        _writer.Dispose();
        GC.SuppressFinalize(this);
    }
}
