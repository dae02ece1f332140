namespace Akka.Ingest.LoadTest.Baselines;

using Akka.Ingest.LoadTest.Load;

/// <summary>Bodies as they were sent, appended to a file and flushed batch by batch: what a program does that neither parses nor indexes.</summary>
internal static class FileBaseline
{
    private const int Events = 2_000_000;

    public static StoreBaseline Measure(string storeFolder)
    {
        var events = new MadeUpEvents(seed: 1);
        var lines = Enumerable.Range(0, StoreBaseline.BatchSize).Select(_ => events.NextNative() + "\n");
        var body = System.Text.Encoding.UTF8.GetBytes(string.Concat(lines));
        var path = Path.Combine(storeFolder, "..", "baseline.ndjson");
        try
        {
            using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
            return StoreBaseline.Time("NDJSON appended to a file, flushed batch by batch", Events, () =>
            {
                for (var batch = 0; batch < Events / StoreBaseline.BatchSize; batch++)
                {
                    RandomAccess.Write(file, body, (long)batch * body.Length);
                    RandomAccess.FlushToDisk(file);
                }
            });
        }
        finally
        {
            File.Delete(path);
        }
    }
}
