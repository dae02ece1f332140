namespace Akka.Ingest.Stores.Tests.SqlServer;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.SqlServer;
using Akka.Ingest.Testing;
using Xunit;

/// <summary>The rows that a bulk copy takes from the bytes of the batches.</summary>
public sealed class EventRowReaderTests
{
    private static readonly Guid Spool = new("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");

    [Fact]
    public void A_row_holds_the_record_byte_for_byte_and_what_the_indexes_need()
    {
        var full = new SpecEvent
        {
            Ticks = 12_345,
            Severity = Severity.Error,
            FractionDigits = 3,
            Fields = Enum.GetValues<EventField>().ToDictionary(field => field, field => field.IsJson() ? """{"a":"\u0000"}""" : $"\0{field}\U0001F600 "),
        };
        var row = Assert.Single(RowsOf(BatchOf(Slice([full], 7, "k\0\U0001F600"))));

        Assert.Equal(12_345L, row["event_time"]);
        Assert.Equal("0198A1B2C3D47E5F8A9B0C1D2E3F4A5B", Convert.ToHexString((byte[])row["spool"]));
        Assert.Equal((byte)5, row["partition"]);
        Assert.Equal(7L, row["ordinal"]);
        Assert.Equal((byte)4, row["level"]);
        Assert.Equal(TestEvents.ReceivedAt.Ticks, row["received"]);
        Assert.Equal(TestEvents.ReceivedAt.Date, row["day"]);
        Assert.Equal("k\0\U0001F600", Encoding.UTF8.GetString((byte[])row["api_key"]));
        Assert.Equal(full.Encode(), (byte[])row["record"]);
        Assert.Equal("\0Source\U0001F600 ", Encoding.UTF8.GetString((byte[])row["source"]));
        Assert.Equal("\0Category\U0001F600 ", Encoding.UTF8.GetString((byte[])row["category"]));
        Assert.Equal(EventRowReader.TraceHashOf("\0TraceId\U0001F600 "u8), row["trace_hash"]);
        var seed = StoredEventChecksum.SeedOf(Spool, 5, TestEvents.ReceivedAt.Ticks, "k\0\U0001F600"u8);
        Assert.Equal(unchecked((long)StoredEventChecksum.Of(full.Encode(), 7, seed)), row["checksum"]);
    }

    [Fact]
    public void Absent_fields_are_null_and_empty_ones_are_empty()
    {
        var empty = new SpecEvent { Fields = new Dictionary<EventField, string> { [EventField.Source] = "", [EventField.TraceId] = "" } };
        var rows = RowsOf(BatchOf(Slice([SpecEvent.Of("none"), empty], 0)));

        Assert.Equal(DBNull.Value, rows[0]["source"]);
        Assert.Equal(DBNull.Value, rows[0]["category"]);
        Assert.Equal(DBNull.Value, rows[0]["trace_hash"]);
        Assert.Empty((byte[])rows[1]["source"]);
        Assert.Equal(EventRowReader.TraceHashOf([]), rows[1]["trace_hash"]);
        Assert.Empty((byte[])rows[0]["api_key"]);
    }

    [Theory]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(100_000)]
    public void A_long_text_is_cut_in_its_column_and_whole_in_the_record(int length)
    {
        var text = new string('s', length);
        var spec = new SpecEvent { Fields = new Dictionary<EventField, string> { [EventField.Source] = text } };
        var row = Assert.Single(RowsOf(BatchOf(Slice([spec], 0))));

        Assert.Equal(Math.Min(length, SqlServerSchema.MaxPrefixBytes), ((byte[])row["source"]).Length);
        Assert.Equal(text, Encoding.UTF8.GetString(EventRecord.Read((byte[])row["record"])[EventField.Source]));
    }

    [Fact]
    public void Rows_follow_batches_slices_and_ordinals_and_empty_ones_give_none()
    {
        var first = BatchOf(
            Slice([SpecEvent.Of("a"), SpecEvent.Of("b")], 0, "key-1"), Slice([], 2), Slice([SpecEvent.Of("c")], 9, receivedAt: TestEvents.ReceivedAt.AddDays(1)));
        var empty = BatchOf();
        var second = BatchOf(Slice([SpecEvent.Of("d")], 20));
        var rows = RowsOf(first, empty, second);

        Assert.Equal([0L, 1L, 9L, 20L], rows.Select(row => (long)row["ordinal"]));
        Assert.Equal(["key-1", "key-1", "", ""], rows.Select(row => Encoding.UTF8.GetString((byte[])row["api_key"])));
        Assert.Equal([24, 24, 25, 24], rows.Select(row => ((DateTime)row["day"]).Day));
        Assert.Equal(rows.Count, rows.Select(row => row["checksum"]).Distinct().Count());
    }

    [Fact]
    public void A_row_is_read_as_a_bulk_copy_reads_it()
    {
        using var reader = new EventRowReader([BatchOf(Slice([SpecEvent.Of("a")], 0))]);
        Assert.True(reader.Read());

        for (var i = 0; i < reader.FieldCount; i++)
        {
            Assert.Equal(i, reader.GetOrdinal(reader.GetName(i)));
            Assert.True(reader.IsDBNull(i) || reader.GetFieldType(i) == reader.GetValue(i).GetType(), reader.GetName(i));
        }

        Assert.False(reader.Read());
    }

    private static List<Dictionary<string, object>> RowsOf(params StoreBatch[] batches)
    {
        using var reader = new EventRowReader(batches);
        var rows = new List<Dictionary<string, object>>();
        while (reader.Read())
            rows.Add(EventRowReader.Columns.Select((name, at) => (name, Value: reader.GetValue(at))).ToDictionary(cell => cell.name, cell => cell.Value));
        return rows;
    }

    private static StoreBatch BatchOf(params StoreSlice[] slices) => new()
    {
        SpoolId = Spool,
        Partition = 5,
        Expected = StoredPosition.Start,
        Next = new StoredPosition(new SpoolOffset(1, 1), 100, 0),
        Slices = slices,
    };

    internal static StoreSlice Slice(SpecEvent[] events, long firstOrdinal, string apiKeyId = "", DateTime? receivedAt = null) =>
        new(events.SelectMany(item => item.Encode()).ToArray(), events.Length, firstOrdinal, receivedAt ?? TestEvents.ReceivedAt, apiKeyId);
}
