namespace Akka.Ingest.Stores.Tests.SqlServer;

using System.Data;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.SqlServer;
using Akka.Ingest.Testing;
using Xunit;

/// <summary>From the columns of a scan back to an event, on rows in memory.</summary>
public sealed class SqlServerEventReaderTests
{
    private static readonly Guid Spool = new("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    private static readonly SpecEvent Written = SpecEvent.Of("message \0 \U0001F600", """{"n":1.50}""", Severity.Warning, afterTicks: 3);

    [Fact]
    public void What_was_written_comes_back()
    {
        using var row = RowOf(_ => { });
        var stored = new SqlServerEventReader().Read(row);

        Assert.NotNull(stored);
        Assert.Equal(new EventId(Spool, 5, 7), stored.Id);
        Assert.Equal(TestEvents.ReceivedAt, stored.ReceivedAt);
        Assert.Equal(DateTimeKind.Utc, stored.ReceivedAt.Kind);
        Assert.Equal("key-1", stored.ApiKeyId);
        Assert.Equal(Written.Encode(), stored.Record.ToArray());
    }

    [Theory]
    [InlineData("event_time")]
    [InlineData("spool")]
    [InlineData("partition")]
    [InlineData("ordinal")]
    [InlineData("level")]
    [InlineData("received")]
    [InlineData("checksum")]
    [InlineData("api_key")]
    [InlineData("record")]
    public void A_row_altered_in_any_column_is_not_served(string column)
    {
        using var row = RowOf(cells => cells[column] = cells[column] switch
        {
            long number => number + 1,
            byte number => (byte)(number + 1),
            byte[] bytes => FlipLast(bytes),
            _ => throw new InvalidOperationException(),
        });
        var matcher = new SqlServerMatcher(new LogQueryPlan());

        Assert.Null(new SqlServerEventReader().Read(row));
        Assert.Null(matcher.Match(row));
        Assert.Single(matcher.Altered);
    }

    [Fact]
    public void A_row_whose_record_was_held_back_is_looked_at_and_does_not_match()
    {
        using var row = RowOf(cells => cells["record"] = DBNull.Value);
        var matcher = new SqlServerMatcher(new LogQueryPlan());

        Assert.Null(matcher.Match(row));
        Assert.Empty(matcher.Altered);
        Assert.Equal(new EventId(Spool, 5, 7), SqlServerMatcher.RowOf(row, 99).Id);
        Assert.Equal(99, SqlServerMatcher.RowOf(row, 99).Place);
    }

    [Theory]
    [InlineData("properties.n = 1.5", true)]
    [InlineData("properties.n = 2", false)]
    [InlineData("apiKeyId = 'key-1'", true)]
    [InlineData("level = 'Error'", false)]
    public void The_filter_decides(string filter, bool matches)
    {
        using var row = RowOf(_ => { });

        Assert.Equal(matches, new SqlServerMatcher(StoreQueries.Plan(new LogQueryRequest { Filter = filter })).Match(row) is not null);
    }

    private static byte[] FlipLast(byte[] bytes)
    {
        var altered = (byte[])bytes.Clone();
        altered[^1] ^= 1;
        return altered;
    }

    private static DataTableReader RowOf(Action<DataRow> change)
    {
        var batch = new StoreBatch
        {
            SpoolId = Spool,
            Partition = 5,
            Expected = StoredPosition.Start,
            Next = new StoredPosition(new SpoolOffset(1, 1), 8, 0),
            Slices = [EventRowReaderTests.Slice([Written], 7, "key-1")],
        };
        using var source = new EventRowReader([batch]);
        Assert.True(source.Read());
        var table = new DataTable();
        string[] columns = [.. SqlServerScanSql.Columns.Split(", ").Select(name => name["e.".Length..]), "record"];
        foreach (var name in columns)
            table.Columns.Add(name, source.GetFieldType(source.GetOrdinal(name)));
        var row = table.Rows.Add([.. columns.Select(name => source.GetValue(source.GetOrdinal(name)))]);
        change(row);
        var reader = table.CreateDataReader();
        Assert.True(reader.Read());
        return reader;
    }
}
