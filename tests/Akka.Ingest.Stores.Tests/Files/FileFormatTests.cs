namespace Akka.Ingest.Stores.Tests.Files;

using System.Text;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>What others find in the folder, and what comes back of it.</summary>
public sealed class FileFormatTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FileLogStore _store = null!;

    private string Lines => Path.Combine(_folder.Path, "2026-11-24.ndjson");

    public async Task InitializeAsync() => _store = await OpenAsync();

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_line_is_the_event_as_a_query_answers_it_and_a_member_for_the_store()
    {
        var feeder = new StoreFeeder(_store);
        var fed = await feeder.AppendAsync(2, [SpecEvent.Of("first \u00e4\n\"quoted\"", """{"b": 1.50,"a":[]}""", Severity.Warning) with { FractionDigits = 3 }, SpecEvent.Of("second")], "key-1");

        var lines = await File.ReadAllLinesAsync(Lines);

        Assert.Equal(2, lines.Length);
        using var buffer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(buffer, EventJson.WriterOptions))
            EventJson.Write(json, EventRecord.Read(fed[0].Event.Encode()), fed[0].Id, fed[0].ReceivedAt, "key-1");
        var answered = Encoding.UTF8.GetString(buffer.ToArray());
        Assert.StartsWith(answered[..^1] + ",\"_store\":{\"n\":1,\"x\":\"", lines[0], StringComparison.Ordinal);
        var store = JsonDocument.Parse(lines[1]).RootElement.GetProperty("_store");
        Assert.Equal(2, store.GetProperty("n").GetInt64());
        Assert.Equal($$"""{"sequence":1,"index":2,"ordinal":2,"checksum":"fedcba9876543210","lines":2,"group":{{Encoding.UTF8.GetByteCount(lines[0]) + 1}}}""", store.GetProperty("commit").GetRawText());
    }

    [Theory]
    [InlineData("{\n  \"a\" : 1,\r\n\t\"b\": [\n]\n}\n")]
    [InlineData("\n[1]")]
    [InlineData("\"a , } ] \\\" \\\\\"")]
    [InlineData(" {\"message\":\"x\",\"receivedAt\":\"y\",\"_store\":{\"n\":1}} ")]
    [InlineData("-0.0e+00")]
    public async Task Json_comes_back_as_it_was_written(string json)
    {
        var feeder = new StoreFeeder(_store);
        var fields = new Dictionary<EventField, string> { [EventField.Body] = json, [EventField.Headers] = json, [EventField.Properties] = json };
        var fed = await feeder.AppendAsync(0, [new SpecEvent { Fields = fields }, new SpecEvent { Fields = fields, FractionDigits = 2, Ticks = 1_234_567 }], "k\",\"receivedAt\":\"");

        foreach (var item in fed)
        {
            var found = await _store.FindAsync(item.Id, CancellationToken.None);
            Assert.Equal(item.Event.Encode(), found!.Record.ToArray());
            Assert.Equal(item.ApiKeyId, found.ApiKeyId);
        }

        Assert.All(await File.ReadAllLinesAsync(Lines), line => JsonDocument.Parse(line));
        Assert.Equal(2, (await File.ReadAllLinesAsync(Lines)).Length);
    }

    [Fact]
    public async Task Files_of_a_newer_version_are_refused()
    {
        await _store.DisposeAsync();
        var log = Path.Combine(_folder.Path, "positions.log");
        var payload = (await File.ReadAllBytesAsync(log)).AsSpan(RecordFrames.HeaderLength, 8).ToArray();
        payload[0]++;
        await File.WriteAllBytesAsync(log, RecordFrames.Frame(payload));
        await using var store = Create();

        var refused = await Assert.ThrowsAsync<StoreException>(() => store.InitializeAsync(CancellationToken.None));

        Assert.Equal((StoreFailureKind.Permanent, "file:schema-newer"), (refused.Failure.Kind, refused.Failure.Code));
        Assert.Contains("have version 2; this program knows versions up to 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_query_reads_the_blocks_that_its_range_and_levels_need_and_no_others()
    {
        var feeder = new StoreFeeder(_store);
        for (var hour = 0; hour < 20; hour++)
            await feeder.AppendAsync(0, [.. Enumerable.Range(0, 500).Select(i => SpecEvent.Of("m", severity: hour == 7 ? Severity.Error : Severity.Information, afterTicks: (hour * 1_000) + i))], receivedAt: TestEvents.ReceivedAt.AddHours(hour));

        var range = await _store.PageAsync(new LogQueryRequest { From = TestEvents.ReceivedAt.AddTicks(5_000), To = TestEvents.ReceivedAt.AddTicks(5_500), Limit = 1_000 });
        var errors = await _store.PageAsync(new LogQueryRequest { MinLevel = Severity.Error, Limit = 1_000 });

        Assert.Equal(500, range.Events.Count);
        Assert.InRange(range.ScannedEvents, 500, 1_500);
        Assert.Equal(500, errors.Events.Count);
        Assert.InRange(errors.ScannedEvents, 500, 1_500);
        Assert.Equal(2, (await _store.ReadDaysAsync(CancellationToken.None)).Count);
    }

    [Fact]
    public async Task The_records_of_many_small_appends_are_one_block_as_soon_as_they_are_read()
    {
        var feeder = new StoreFeeder(_store);
        for (var i = 0; i < 20; i++)
            await feeder.AppendAsync(0, [SpecEvent.Of("small")]);
        await _store.DisposeAsync();

        var index = DayIndex.Read(await File.ReadAllBytesAsync(Path.ChangeExtension(Lines, "index")));

        Assert.Equal(20, index.BlocksWritten);
        var block = Assert.Single(index.Blocks);
        Assert.Equal((20, new FileInfo(Lines).Length), (block.Lines, block.End));
        Assert.Single(block.Runs);
    }

    [Fact]
    public async Task The_oldest_of_a_day_expire_first_and_leave_the_file()
    {
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(0, [SpecEvent.Of("old 1"), SpecEvent.Of("old 2"), SpecEvent.Of("kept 1")], "key-1");
        await feeder.AppendAsync(1, [SpecEvent.Of("kept 2", afterTicks: -1)]);

        var expired = await _store.ExpireAsync(new ExpireRequest(StoredDay.Of(TestEvents.ReceivedAt), 2), CancellationToken.None);
        await feeder.AppendAsync(1, [SpecEvent.Of("kept 3", afterTicks: 1)]);

        Assert.Equal((2, true), (expired.Events, expired.IsComplete));
        Assert.DoesNotContain("old", await File.ReadAllTextAsync(Lines), StringComparison.Ordinal);
        for (var start = 0; start < 2; start++)
        {
            var page = await _store.PageAsync(new LogQueryRequest());
            Assert.Equal(["kept 3", "kept 1", "kept 2"], page.Events.Select(item => Encoding.UTF8.GetString(EventRecord.Read(item.Record.Span)[EventField.Message])));
            Assert.Equal(3, await _store.CountAsync(new LogQueryPlan(), CancellationToken.None));
            Assert.Equal([("", 2, 0), ("key-1", 1, 2)], (await _store.ReadCountsAsync(CancellationToken.None)).Select(count => (count.ApiKeyId, count.Stored, count.Expired)).Order());
            await _store.DisposeAsync();
            File.Delete(Path.ChangeExtension(Lines, "index"));
            _store = await OpenAsync();
        }
    }

    [Fact]
    public async Task What_expired_of_a_large_file_stays_in_it_until_it_is_worth_the_rewriting()
    {
        await _store.DisposeAsync();
        _store = Create(new FileStoreSettings(_folder.Path) { AlwaysRewriteBytes = 0, RewriteShare = 0.5 });
        await _store.InitializeAsync(CancellationToken.None);
        var feeder = new StoreFeeder(_store);
        await feeder.AppendAsync(0, [.. Enumerable.Range(0, 2_000).Select(i => SpecEvent.Of("m", afterTicks: i))]);
        var length = new FileInfo(Lines).Length;
        var day = StoredDay.Of(TestEvents.ReceivedAt);

        await _store.ExpireAsync(new ExpireRequest(day, 700), CancellationToken.None);

        Assert.Equal(length, new FileInfo(Lines).Length);
        Assert.InRange((await _store.ReadHealthAsync(CancellationToken.None)).FragmentationPercent, 20, 40);
        Assert.Equal(1_300, (await _store.AllPagesAsync(new LogQueryRequest { Limit = 1_000 })).Count);
        await _store.ExpireAsync(new ExpireRequest(day, 700), CancellationToken.None);
        Assert.InRange(new FileInfo(Lines).Length, 1, length / 2);
        Assert.Equal(600, await _store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        Assert.Equal(feeder.Fed[1_400].Id, (await _store.PageAsync(new LogQueryRequest { Order = LogOrder.Received })).Events[0].Id);
    }

    private FileLogStore Create(FileStoreSettings? settings = null) =>
        new(settings ?? new FileStoreSettings(_folder.Path), StoreFileSystem.Instance, TimeProvider.System, NullLogger<FileLogStore>.Instance);

    private async Task<FileLogStore> OpenAsync()
    {
        var store = Create();
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }
}
