namespace Akka.Ingest.Benchmarks;

using Akka.Ingest.Hosting;
using Akka.Ingest.Parsing;
using Akka.Ingest.Redaction;
using BenchmarkDotNet.Attributes;

/// <summary>Parse, redact, encode and compress together, as a request does it; per event.</summary>
[MemoryDiagnoser]
public class ParseBenchmarks
{
    private const int Events = 1_000;
    private static readonly byte[] Native = SampleBodies.Native(Events);
    private static readonly byte[] WithSecrets = SampleBodies.Native(Events, secrets: true);
    private static readonly byte[] Clef = SampleBodies.Clef(Events);
    private static readonly byte[] Single = SampleBodies.Native(1);
    private readonly EventParser _parser = new(new Redactor(new RedactionOptions()), 1 << 20);

    [Benchmark(OperationsPerInvoke = Events)]
    public int Ndjson() => Parse(EventFormat.Native, Native);

    [Benchmark(OperationsPerInvoke = Events)]
    public int NdjsonWithASecretEach() => Parse(EventFormat.Native, WithSecrets);

    [Benchmark(OperationsPerInvoke = Events)]
    public int ClefLines() => Parse(EventFormat.Clef, Clef);

    [Benchmark]
    public int OneEvent() => Parse(EventFormat.Native, Single);

    private int Parse(EventFormat format, byte[] body)
    {
        using var block = _parser.Parse(format, body, SampleBodies.ReceivedAt, InvalidEvents.Refuse).Block!;
        return block.EventCount;
    }
}
