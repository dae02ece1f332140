namespace Akka.Ingest.Stores.Tests.SqlServer;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.SqlServer;
using Microsoft.SqlServer.Dac.Model;
using Xunit;

/// <summary>What is made of the engine's figures, without an engine.</summary>
public sealed class SqlServerHealthTests
{
    private static readonly IndexSize[] Sizes =
    [
        new("Events", "PK_Events", 1, ReservedBytes: 800, UsedBytes: 600, Rows: 9), new("Events", "Events_Id", 4, 100, 50, 9),
        new("Events", "Events_Level", 5, 100, 100, 9), new("Counts", "PK_Counts", 1, 200, 150, 2),
    ];

    [Fact]
    public void Sizes_add_up_and_pages_that_hold_nothing_are_bloat()
    {
        var health = SqlServerHealth.Of(Sizes, schemaVersion: 2, events: 7);

        Assert.Equal((2, 1_200L, 7L), (health.SchemaVersion, health.Bytes, health.Events));
        Assert.Equal(25, health.TableBloatPercent);
        Assert.Equal(25, health.IndexBloatPercent);
        Assert.Equal(
            [("Events", "table", 800L, 9L), ("Events_Id", "index", 100L, null), ("Events_Level", "index", 100L, null), ("Counts", "table", 200L, (long?)null)],
            health.Parts.Select(part => (part.Name, part.Kind, part.Bytes, part.Events)));
    }

    [Fact]
    public void A_store_without_tables_is_sound() =>
        Assert.Equal((0L, 0.0, 0.0), (SqlServerHealth.Of([], 0, 0).Bytes, SqlServerHealth.Of([], 0, 0).TableBloatPercent, SqlServerHealth.Of([], 0, 0).IndexBloatPercent));

    [Fact]
    public void The_size_of_a_day_falls_with_its_events() =>
        Assert.True(SqlServerHealth.BytesOf(1, 100) < SqlServerHealth.BytesOf(2, 200) && SqlServerHealth.BytesOf(0, 0) == 0);

    [Fact]
    public async Task Only_indexes_that_are_there_are_described()
    {
        var described = await DescribeAsync([.. Sizes.Select(size => size.Index)]);

        Assert.Equal([("PK_Events", 800L), ("Events_Id", 100L), ("Events_Level", 100L)], described.Select(index => (index.Name, index.SizeBytes!.Value)));
    }

    [Fact]
    public async Task Every_index_of_the_events_and_appends_is_described()
    {
        using var checker = SqlServerStatementTests.CreateChecker();
        Assert.Empty(checker.Check());
        string[] made =
        [
            .. NamesOf(checker, Index.TypeClass), .. NamesOf(checker, ColumnStoreIndex.TypeClass),
            .. NamesOf(checker, PrimaryKeyConstraint.TypeClass).Where(name => name is "PK_Events" or "PK_Appends"),
        ];

        Assert.Equal(made.Order(StringComparer.Ordinal), (await DescribeAsync(made)).Select(index => index.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_page_behind_its_range_is_empty_without_a_question()
    {
        foreach (var (order, key) in new[] { (LogOrder.Ascending, 20L), (LogOrder.Descending, 9L) })
        {
            var plan = new LogQueryPlan { FromTicks = 10, ToTicks = 20, Order = order, Cursor = new LogCursor(order, key, default) };
            var chunk = await new SqlServerTimeWalk(null!, plan, new SqlServerMatcher(plan)).NextAsync(5, CancellationToken.None);

            Assert.Equal((0L, true), (chunk.Scanned, chunk.IsExhausted));
        }
    }

    private static IEnumerable<string> NamesOf(TransactSqlChecker checker, ModelTypeClass type) =>
        checker.Model.GetObjects(DacQueryScopes.UserDefined, type).Select(found => found.Name.Parts[^1]);

    private static Task<IReadOnlyList<LogIndexDescriptor>> DescribeAsync(IReadOnlyList<string> names)
    {
        var sizes = names.Select(name => Sizes.FirstOrDefault(size => size.Index == name) ?? new IndexSize("Events", name, 9, 1, 1, 1)).ToArray();
        return new SqlServerIndexStrategy(_ => Task.FromResult<IReadOnlyList<IndexSize>>(sizes)).DescribeAsync(CancellationToken.None);
    }
}
