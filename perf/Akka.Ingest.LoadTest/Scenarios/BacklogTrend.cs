namespace Akka.Ingest.LoadTest.Scenarios;

using Akka.Ingest.LoadTest.Measure;

/// <summary>Tells a flat backlog from a growing one.</summary>
internal static class BacklogTrend
{
    /// <summary>Least-squares slope in events a second, without the first tenth of the samples; null with fewer than three that are known.</summary>
    public static double? GrowthPerSecond(IReadOnlyList<LoadSample> samples)
    {
        var known = samples.Skip(samples.Count / 10).Where(sample => sample.Backlog is not null).ToArray();
        if (known.Length < 3)
            return null;
        var meanTime = known.Average(sample => sample.Seconds);
        var meanBacklog = known.Average(sample => sample.Backlog!.Value);
        var spread = known.Sum(sample => (sample.Seconds - meanTime) * (sample.Seconds - meanTime));
        return spread == 0
            ? 0
            : Math.Round(known.Sum(sample => (sample.Seconds - meanTime) * (sample.Backlog!.Value - meanBacklog)) / spread, 1);
    }

    /// <summary>Events stored a second between the first and the last sample that know it.</summary>
    public static double? StoredPerSecond(IReadOnlyList<LoadSample> samples)
    {
        var known = samples.Where(sample => sample.Stored is not null).ToArray();
        return known.Length < 2 || known[^1].Seconds <= known[0].Seconds
            ? null
            : Math.Round((known[^1].Stored!.Value - known[0].Stored!.Value) / (known[^1].Seconds - known[0].Seconds));
    }
}
