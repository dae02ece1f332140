namespace Akka.Ingest.Operations;

using System.Text.Json;
using Akka.Ingest.Storage;
using Akka.Ingest.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

/// <summary><c>GET /storage-health</c> and <c>GET /indexes</c>.</summary>
internal static class StorageEndpoints
{
    private const int MaxParts = 1_000;
    private const int MaxDamage = 1_000;

    public static void MapStorage(this IEndpointRouteBuilder group, IServiceProvider services)
    {
        group.MapGet("/storage-health", (RequestDelegate)(async context =>
        {
            var storage = await services.GetRequiredService<StorageProbe>().AskAsync();
            var pipeline = await services.GetRequiredService<PipelineProbe>().GetAsync();
            await DiagnosticsAnswer.WriteAsync(context, json =>
                WriteHealth(json, services.GetRequiredService<ILogStore>().Provider, storage, pipeline, services.GetRequiredService<StoreMetrics>()));
        }));
        group.MapGet("/indexes", (RequestDelegate)(async context =>
        {
            try
            {
                var store = services.GetRequiredService<ILogStore>();
                var indexes = await store.Indexes.DescribeAsync(context.RequestAborted);
                await DiagnosticsAnswer.WriteAsync(context, json => WriteIndexes(json, store.Provider, indexes));
            }
            catch (StoreException exception)
            {
                await DiagnosticsAnswer.WriteStoreAwayAsync(context, exception);
            }
        }));
    }

    private static void WriteHealth(Utf8JsonWriter json, string provider, StorageState storage, PipelineState pipeline, StoreMetrics metrics)
    {
        json.WriteStartObject();
        json.WriteString("at"u8, storage.At);
        json.WriteString("provider"u8, provider);
        json.WriteString("problem"u8, storage.Problem);
        var store = storage.Store;
        DiagnosticsAnswer.WriteNumber(json, "schemaVersion"u8, (long?)store?.SchemaVersion);
        DiagnosticsAnswer.WriteNumber(json, "bytes"u8, store?.Bytes);
        DiagnosticsAnswer.WriteNumber(json, "events"u8, store?.Events);
        DiagnosticsAnswer.WriteNumber(json, "fragmentationPercent"u8, store?.FragmentationPercent);
        DiagnosticsAnswer.WriteNumber(json, "indexBloatPercent"u8, store?.IndexBloatPercent);
        DiagnosticsAnswer.WriteNumber(json, "tableBloatPercent"u8, store?.TableBloatPercent);
        WriteParts(json, store?.Parts ?? []);
        WriteDamage(json, store?.Damage ?? []);
        json.WriteStartObject("queue"u8);
        json.WriteNumber("depth"u8, pipeline.Partitions.Sum(partition => partition.Backlog));
        DiagnosticsAnswer.WriteNumber(
            json, "oldestAgeSeconds"u8, pipeline.Partitions.Min(partition => partition.OldestUnstoredAt) is { } oldest ? Math.Max(0, (pipeline.At - oldest).TotalSeconds) : (double?)null);
        json.WriteEndObject();
        WriteLatency(json, "writeLatency"u8, metrics.Writes);
        WriteLatency(json, "queryLatency"u8, metrics.Queries);
        json.WriteStartObject("disk"u8);
        DiagnosticsAnswer.WriteNumber(json, "totalBytes"u8, storage.Disk?.TotalBytes);
        DiagnosticsAnswer.WriteNumber(json, "freeBytes"u8, storage.Disk?.FreeBytes);
        DiagnosticsAnswer.WriteNumber(json, "secondsUntilDiskFull"u8, storage.Disk?.SecondsUntilFull);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, IReadOnlyList<StorePart> parts)
    {
        json.WriteStartObject("parts"u8);
        json.WriteNumber("count"u8, parts.Count);
        json.WriteStartObject("byKind"u8);
        foreach (var kind in parts.GroupBy(part => part.Kind, StringComparer.Ordinal))
            json.WriteNumber(kind.Key, kind.Count());
        json.WriteEndObject();
        json.WriteStartArray("items"u8);
        foreach (var part in parts.Take(MaxParts))
        {
            json.WriteStartObject();
            json.WriteString("name"u8, part.Name);
            json.WriteString("kind"u8, part.Kind);
            json.WriteNumber("bytes"u8, part.Bytes);
            DiagnosticsAnswer.WriteNumber(json, "events"u8, part.Events);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDamage(Utf8JsonWriter json, IReadOnlyList<StoreDamage> damage)
    {
        json.WriteStartObject("damage"u8);
        json.WriteNumber("count"u8, damage.Count);
        json.WriteNumber("events"u8, damage.Sum(place => place.Events.Sum(range => range.Count)));
        json.WriteStartArray("items"u8);
        foreach (var place in damage.Take(MaxDamage))
        {
            json.WriteStartObject();
            json.WriteString("where"u8, place.Where);
            json.WriteString("reason"u8, place.Reason);
            json.WriteStartArray("events"u8);
            foreach (var range in place.Events)
            {
                json.WriteStartObject();
                json.WriteString("spoolId"u8, range.SpoolId);
                json.WriteNumber("partition"u8, range.Partition);
                json.WriteNumber("firstOrdinal"u8, range.FirstOrdinal);
                json.WriteNumber("count"u8, range.Count);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLatency(Utf8JsonWriter json, ReadOnlySpan<byte> name, LatencyPercentiles latency)
    {
        var isKnown = latency.Count > 0;
        json.WriteStartObject(name);
        json.WriteNumber("count"u8, latency.Count);
        DiagnosticsAnswer.WriteNumber(json, "p50Ms"u8, isKnown ? latency.P50.TotalMilliseconds : null);
        DiagnosticsAnswer.WriteNumber(json, "p95Ms"u8, isKnown ? latency.P95.TotalMilliseconds : null);
        DiagnosticsAnswer.WriteNumber(json, "p99Ms"u8, isKnown ? latency.P99.TotalMilliseconds : null);
        json.WriteEndObject();
    }

    private static void WriteIndexes(Utf8JsonWriter json, string provider, IReadOnlyList<LogIndexDescriptor> indexes)
    {
        json.WriteStartObject();
        json.WriteString("provider"u8, provider);
        json.WriteStartArray("indexes"u8);
        foreach (var index in indexes)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, index.Name);
            json.WriteStartArray("columns"u8);
            foreach (var column in index.Columns)
                json.WriteStringValue(column);
            json.WriteEndArray();
            json.WriteString("serves"u8, index.Serves);
            DiagnosticsAnswer.WriteNumber(json, "sizeBytes"u8, index.SizeBytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
