namespace Akka.Ingest.Telemetry;

using System.Diagnostics.Metrics;
using Akka.Ingest.Operations;
using Akka.Ingest.Storage;

/// <summary>Gauges of what <c>/diagnostics/storage-health</c> tells. They report nothing while the store does not answer.</summary>
internal sealed class StorageMetrics
{
    private static readonly (double Share, Func<LatencyPercentiles, TimeSpan> Of)[] Quantiles = [(0.5, p => p.P50), (0.95, p => p.P95), (0.99, p => p.P99)];

    public StorageMetrics(IMeterFactory meters, StorageProbe probe, StoreMetrics store)
    {
        var meter = meters.Create(IngestMetrics.MeterName);
        Gauge("akka.ingest.store.size", "By", "What the store takes on disk.", health => health.Bytes);
        Gauge("akka.ingest.store.events", "{event}", "Events in the store.", health => health.Events);
        Gauge("akka.ingest.store.parts", "{part}", "Tables, files or segments.", health => health.Parts.Count);
        Gauge("akka.ingest.store.damage", "{place}", "Places that do not hold what was written there.", health => health.Damage.Count);
        Gauge("akka.ingest.store.schema_version", "{version}", "Version of the tables or files.", health => health.SchemaVersion);
        Gauge("akka.ingest.store.fragmentation", "%", "Share of the store that is fragmented.", health => health.FragmentationPercent);
        Gauge("akka.ingest.store.index_bloat", "%", "Share of index bytes above what is needed.", health => health.IndexBloatPercent);
        Gauge("akka.ingest.store.table_bloat", "%", "Share of table bytes above what is needed.", health => health.TableBloatPercent);
        meter.CreateObservableGauge("akka.ingest.disk.free", () => Disk(probe, disk => disk.FreeBytes), "By", "Free on the file system of the data folder.");
        meter.CreateObservableGauge("akka.ingest.disk.until_full", () => Disk(probe, disk => disk.SecondsUntilFull), "s", "Until that disk is full at the present rate; absent while it does not fill.");
        meter.CreateObservableGauge("akka.ingest.store.write.latency", () => Latency(store.Writes), "s", "Percentiles of the last minutes.");
        meter.CreateObservableGauge("akka.ingest.store.query.latency", () => Latency(store.Queries), "s", "Percentiles of the last minutes.");

        void Gauge(string name, string unit, string description, Func<StoreHealth, double> value) =>
            meter.CreateObservableGauge(name, () => probe.Last.Store is { } health ? [new Measurement<double>(value(health))] : Array.Empty<Measurement<double>>(), unit, description);
    }

    private static Measurement<double>[] Disk(StorageProbe probe, Func<DiskSpace, double?> value) =>
        probe.Last.Disk is { } disk && value(disk) is { } number ? [new Measurement<double>(number)] : [];

    private static IEnumerable<Measurement<double>> Latency(LatencyPercentiles percentiles) => percentiles.Count == 0
        ? []
        : Quantiles.Select(quantile => new Measurement<double>(quantile.Of(percentiles).TotalSeconds, new KeyValuePair<string, object?>("quantile", quantile.Share)));
}
