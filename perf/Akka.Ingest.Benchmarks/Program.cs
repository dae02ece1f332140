using Akka.Ingest.Benchmarks;
using BenchmarkDotNet.Running;

// "corpus FOLDER" measures on the NDJSON files of a folder, "store [EVENTS]" the real store; anything else goes to
// BenchmarkDotNet (--filter '*Parse*').
switch (args)
{
    case ["corpus", var folder]:
        return CorpusReport.Run(folder, Console.Out);
    case ["store", ..]:
        await StoreBenchmarks.RunAsync(args[1..]);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(CorpusReport).Assembly).Run(args);
        return 0;
}
