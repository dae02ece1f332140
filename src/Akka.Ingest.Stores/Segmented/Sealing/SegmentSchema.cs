namespace Akka.Ingest.Stores.Segmented.Sealing;

using Akka.Ingest.Model;
using ParquetSharp;
using ParquetSharp.Schema;

/// <summary>
/// Columns of a segment. Made to be read by anybody: times are UTC with microseconds, levels are words, the JSON fields are the JSON text
/// that was sent. The columns beside a time hold what a microsecond cannot, so that every event comes back byte for byte.
/// </summary>
internal static class SegmentSchema
{
    /// <summary>Written into every file; readers look at the names, so columns may be added.</summary>
    public const string CreatedBy = "Akka.Ingest segment version 1";

    public const int Timestamp = 0;
    public const int TimestampRest = 1;
    public const int FractionDigits = 2;
    public const int Level = 3;
    public const int FirstField = 4;
    public const int ReceivedAt = FirstField + EventFields.Count;
    public const int ReceivedAtRest = ReceivedAt + 1;
    public const int ApiKeyId = ReceivedAt + 2;
    public const int SpoolId = ReceivedAt + 3;
    public const int Partition = ReceivedAt + 4;
    public const int Ordinal = ReceivedAt + 5;
    public const int Arrival = ReceivedAt + 6;
    public const int Columns = ReceivedAt + 7;

    private const int TicksPerMicrosecond = 10;

    public static readonly string[] Names =
    [
        "timestamp", "timestamp_100ns", "fraction_digits", "level",
        "message", "message_template", "exception", "trace_id", "span_id", "source", "host", "environment", "category", "body", "headers", "properties",
        "received_at", "received_at_100ns", "api_key_id", "spool_id", "partition", "ordinal", "arrival",
    ];

    public static GroupNode CreateSchema() => new("events", Repetition.Required, [.. Enumerable.Range(0, Columns).Select(CreateColumn)]);

    public static WriterProperties CreateProperties(int compressionLevel)
    {
        var builder = new WriterPropertiesBuilder()
            .Version(ParquetVersion.PARQUET_2_6)
            .Compression(Compression.Zstd)
            .CompressionLevel(compressionLevel)
            .CreatedBy(CreatedBy)
            .DisableDictionary()
            .SetSizeStatisticsLevel(SizeStatisticsLevel.None)
            .MaxRowGroupLength(long.MaxValue);
        foreach (var column in new[] { Level, Field(EventField.MessageTemplate), Field(EventField.Source), Field(EventField.Host), Field(EventField.Environment), Field(EventField.Category), ReceivedAt, ReceivedAtRest, TimestampRest, FractionDigits, ApiKeyId, SpoolId, Partition })
            builder.EnableDictionary(Names[column]);
        foreach (var column in new[] { Timestamp, Ordinal, Arrival })
            builder.Encoding(Names[column], Encoding.DeltaBinaryPacked);

        // Nobody prunes by these, and their lowest and highest values would be as long as they are.
        foreach (var field in new[] { EventField.Message, EventField.Exception, EventField.Body, EventField.Headers, EventField.Properties })
            builder.DisableStatistics(Names[Field(field)]);
        return builder.Build();
    }

    public static int Field(EventField field) => FirstField + (int)field;

    /// <summary>Microseconds since 1970 and the ticks of 100 ns above them.</summary>
    public static (long Microseconds, int Ticks) Split(long ticks)
    {
        var (microseconds, rest) = Math.DivRem(ticks - DateTime.UnixEpoch.Ticks, TicksPerMicrosecond);
        return rest < 0 ? (microseconds - 1, (int)rest + TicksPerMicrosecond) : (microseconds, (int)rest);
    }

    public static long Join(long microseconds, int rest) => DateTime.UnixEpoch.Ticks + (microseconds * TicksPerMicrosecond) + rest;

    private static PrimitiveNode CreateColumn(int column) => column switch
    {
        Timestamp or ReceivedAt => new PrimitiveNode(Names[column], Repetition.Required, LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros), PhysicalType.Int64),
        TimestampRest or ReceivedAtRest or FractionDigits or Partition => new PrimitiveNode(Names[column], Repetition.Required, LogicalType.None(), PhysicalType.Int32),
        Ordinal or Arrival => new PrimitiveNode(Names[column], Repetition.Required, LogicalType.None(), PhysicalType.Int64),
        >= FirstField and < ReceivedAt => new PrimitiveNode(Names[column], Repetition.Optional, LogicalType.String(), PhysicalType.ByteArray),
        _ => new PrimitiveNode(Names[column], Repetition.Required, LogicalType.String(), PhysicalType.ByteArray),
    };
}
