using Akka.Ingest.Benchmarks;
using Akka.Ingest.Hosting;
using BenchmarkDotNet.Running;

// "corpus FOLDER" measures on the NDJSON files of a folder, "store [--provider P] [EVENTS]" a real store,
// "segmented [EVENTS]" and "segmented-disk FOLDER" the store of segments, "journal" the real journal; anything else goes to BenchmarkDotNet (--filter '*Parse*').
switch (args)
{
    case ["corpus", var folder]:
        return CorpusReport.Run(folder, Console.Out);
    case ["store", ..]:
        await StoreBenchmarks.RunAsync(args[1..]);
        return 0;
    case ["segmented", ..]:
        await SegmentedBenchmarks.RunAsync(args[1..]);
        return 0;
    case ["segmented-disk", var folder]:
        await SegmentedBenchmarks.MeasureDiskAsync(folder);
        return 0;
    case ["journal"]:
        foreach (var (clients, events) in new[] { (4, 1_000), (64, 1) })
            Console.WriteLine(await JournalMeasurement.RunAsync(SpoolJournal.PageSize, SpoolJournal.WalBytes, 4, clients, events, TimeSpan.FromSeconds(10)));
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(CorpusReport).Assembly).Run(args);
        return 0;
}
