using Akka.Ingest.Benchmarks;
using BenchmarkDotNet.Running;

// "corpus FOLDER" measures on the NDJSON files of a folder; anything else goes to BenchmarkDotNet (--filter '*Parse*').
if (args is ["corpus", var folder])
    return CorpusReport.Run(folder, Console.Out);

BenchmarkSwitcher.FromAssembly(typeof(CorpusReport).Assembly).Run(args);
return 0;
