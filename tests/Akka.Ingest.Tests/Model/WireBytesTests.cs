namespace Akka.Ingest.Tests.Model;

using System.Text;
using Akka.Ingest.Model;
using Xunit;

/// <summary>
/// Bytes as version 1 wrote them, checked in: journals in the field hold them for years. If a test fails, do not change the
/// bytes; make a new version that still reads them.
/// </summary>
public class WireBytesTests
{
    private const string RecordV1 =
        "0B01000000802FF0004ADF080303FF0F02C3A90174017802747202737003737263016803656E7603636174035B315D097B2268223A227622"
        + "7DD0017B2270223A227878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878"
        + "7878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878"
        + "7878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878"
        + "7878787878787878787878787878787878787878787878787878787878787878787878787878787878227D";
    private const string RejectedRecordV1 =
        "2700000001000000000000000287050103726177037768790E6D616C666F726D65642D6A736F6E";
    private const string PlainChunkV1 =
        "003201000032010000020000000B01000000802FF0004ADF080303FF0F02C3A90174017802747202737003737263016803656E7603636174"
        + "035B315D097B2268223A2276227DD0017B2270223A2278787878787878787878787878787878787878787878787878787878787878787878"
        + "7878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878"
        + "7878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878"
        + "787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878227D"
        + "2700000001000000000000000287050103726177037768790E6D616C666F726D65642D6A736F6E";
    private const string Lz4ChunkV1 =
        "01320100007000000002000000FF330B01000000802FF0004ADF080303FF0F02C3A90174017802747202737003737263016803656E760363"
        + "6174035B315D097B2268223A2276227DD0017B2270223A22780100B460227D270000000E01000200F00C0287050103726177037768790E6D"
        + "616C666F726D65642D6A736F6E";

    [Fact]
    public void A_record_is_written_as_version_1()
    {
        using var writer = new EventRecordWriter();
        WriteRecord(writer);
        Assert.Equal(RecordV1, Convert.ToHexString(writer.WrittenSpan));
        writer.Clear();
        WriteRejected(writer);
        Assert.Equal(RejectedRecordV1, Convert.ToHexString(writer.WrittenSpan));
    }

    [Fact]
    public void A_record_of_version_1_is_read()
    {
        var record = EventRecord.Read(Convert.FromHexString(RecordV1));
        Assert.Equal(new DateTime(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc).Ticks, record.TimestampTicks);
        Assert.Equal((3, Severity.Warning, false), (record.FractionDigits, record.Severity, record.IsRejected));
        var texts = Enumerable.Range(0, EventFields.Count).Select(i => Text(RecordV1, (EventField)i));
        Assert.Equal(
            ["é", "t", "x", "tr", "sp", "src", "h", "env", "cat", "[1]", """{"h":"v"}""", $$"""{"p":"{{new string('x', 200)}}"}"""], texts);
        Assert.True(EventRecord.Read(Convert.FromHexString(RejectedRecordV1)).IsRejected);
        Assert.Equal(["raw", null, "why", "malformed-json"],
            new[] { EventField.Message, EventField.Source, EventField.Exception, EventField.Category }.Select(f => Text(RejectedRecordV1, f)));
    }

    [Theory]
    [InlineData(PlainChunkV1, ChunkMethod.Plain)]
    [InlineData(Lz4ChunkV1, ChunkMethod.Lz4)]
    public void A_chunk_of_version_1_is_read(string hex, ChunkMethod method)
    {
        var chunk = Convert.FromHexString(hex);
        var header = ChunkCodec.ReadHeader(chunk);
        Assert.Equal((method, 2), (header.Method, header.EventCount));
        var raw = new byte[header.RawLength];
        ChunkCodec.Expand(header, chunk, raw);
        Assert.Equal(RecordV1 + RejectedRecordV1, Convert.ToHexString(raw));
    }

    [Fact]
    public void A_plain_chunk_is_written_as_version_1()
    {
        var records = Convert.FromHexString(RecordV1 + RejectedRecordV1);
        var target = new byte[ChunkCodec.MaxLength(records.Length)];
        Assert.Equal(PlainChunkV1, Convert.ToHexString(target, 0, ChunkCodec.Write(target, records, 2, compress: false)));
    }

    private static string? Text(string hex, EventField field)
    {
        var record = EventRecord.Read(Convert.FromHexString(hex));
        return record.Has(field) ? Encoding.UTF8.GetString(record[field]) : null;
    }

    private static void WriteRecord(EventRecordWriter writer)
    {
        string[] fields =
            ["é", "t", "x", "tr", "sp", "src", "h", "env", "cat", "[1]", """{"h":"v"}""", $$"""{"p":"{{new string('x', 200)}}"}"""];
        writer.Begin(new DateTime(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc).Ticks, 3, Severity.Warning);
        for (var i = 0; i < fields.Length; i++)
            writer.Append((EventField)i, Encoding.UTF8.GetBytes(fields[i]));
        writer.End();
    }

    private static void WriteRejected(EventRecordWriter writer)
    {
        writer.Begin(1, 7, Severity.Information, rejected: true);
        writer.Append(EventField.Message, "raw"u8);
        writer.Append(EventField.Exception, "why"u8);
        writer.Append(EventField.Category, "malformed-json"u8);
        writer.End();
    }
}
