using Akka.Ingest.Benchmarks;

if (args is ["store", ..])
    await StoreBenchmarks.RunAsync(args[1..]);
return 0;
