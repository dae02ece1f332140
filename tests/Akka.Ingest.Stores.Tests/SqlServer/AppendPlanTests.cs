namespace Akka.Ingest.Stores.Tests.SqlServer;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Sql.SqlServer;
using Akka.Ingest.Testing;
using Xunit;

/// <summary>What the tables of appends, counts and days get of a batch.</summary>
public sealed class AppendPlanTests
{
    private static readonly DateTime Noon = TestEvents.ReceivedAt;
    private static readonly DateOnly Day = DateOnly.FromDateTime(Noon);

    [Fact]
    public void Slices_that_follow_each_other_on_one_day_are_one_run()
    {
        var plan = PlanOf(Slice(3, 10, Noon, "a"), Slice(2, 13, Noon.AddHours(1), "b"));

        Assert.Equal([new AppendRun(4, 14, 5, Day)], plan.Runs);
        Assert.Equal([new("a", 3), new("b", 2)], plan.Keys.OrderBy(key => key.Key));
    }

    [Fact]
    public void A_gap_or_another_day_begins_another_run()
    {
        var plan = PlanOf(Slice(3, 10, Noon), Slice(2, 14, Noon), Slice(1, 16, Noon.AddDays(1)), Slice(0, 17, Noon), Slice(1, 17, Noon));

        Assert.Equal(
            [new AppendRun(2, 12, 3, Day), new AppendRun(4, 15, 2, Day), new AppendRun(5, 16, 1, Day.AddDays(1)), new AppendRun(6, 17, 1, Day)], plan.Runs);
        Assert.Equal(7, plan.Events);
        Assert.Equal(6, plan.Days[Day].Events);
    }

    [Fact]
    public void A_day_knows_its_earliest_and_latest_time_and_its_bytes()
    {
        var early = SpecEvent.Of("e", afterTicks: -5);
        var late = SpecEvent.Of("l", afterTicks: 9);
        var plan = PlanOf(EventRowReaderTests.Slice([late], 0), EventRowReaderTests.Slice([early], 1));

        Assert.Equal(new DayTotals(2, early.Encode().Length + late.Encode().Length, early.Ticks, late.Ticks), plan.Days[Day]);
    }

    [Fact]
    public void A_record_that_is_none_a_level_that_is_none_and_a_key_too_long_are_refused()
    {
        var strange = SpecEvent.Of("x").Encode();
        strange[12] = 6;

        Assert.Throws<InvalidDataException>(() => PlanOf(new StoreSlice(new byte[16], 1, 0, Noon, "")));
        Assert.Throws<InvalidDataException>(() => PlanOf(new StoreSlice(strange, 1, 0, Noon, "")));
        Assert.Throws<InvalidDataException>(() => PlanOf(Slice(1, 0, Noon, new string('k', 513))));
        Assert.Equal(1, PlanOf(Slice(1, 0, Noon, new string('k', 512))).Events);
    }

    [Fact]
    public void Places_of_runs_count_on_through_a_group_and_totals_of_one_partition_are_added()
    {
        AppendPlan[] plans = [PlanOf(Slice(3, 0, Noon, "a")), PlanOf(), PlanOf(Slice(2, 3, Noon, "a"), Slice(1, 6, Noon, "b"))];

        Assert.Equal([2L, 4L, 5L], SqlServerTables.Appends(plans)!.Select(row => row.GetInt64(0)));
        Assert.Equal([5L, 1L], SqlServerTables.Counts(plans)!.Select(row => row.GetInt64(4)));
        Assert.Equal([6L], SqlServerTables.Days(plans)!.Select(row => row.GetInt64(3)));
    }

    [Fact]
    public void A_table_without_rows_is_given_as_none()
    {
        Assert.Null(SqlServerTables.Appends([PlanOf()]));
        Assert.Null(SqlServerTables.Counts([PlanOf()]));
        Assert.Null(SqlServerTables.Days([PlanOf()]));
    }

    private static StoreSlice Slice(int count, long first, DateTime receivedAt, string apiKeyId = "") =>
        EventRowReaderTests.Slice([.. Enumerable.Repeat(SpecEvent.Of("m"), count)], first, apiKeyId, receivedAt);

    private static AppendPlan PlanOf(params StoreSlice[] slices) => AppendPlan.Of(new StoreBatch
    {
        SpoolId = new Guid("0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"),
        Partition = 5,
        Expected = StoredPosition.Start,
        Next = new StoredPosition(new SpoolOffset(1, 1), 100, 0),
        Slices = slices,
    });
}
