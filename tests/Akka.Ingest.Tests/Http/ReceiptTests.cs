namespace Akka.Ingest.Tests.Http;

using System.Net;
using System.Text.Json;
using Akka.Ingest.Http;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Storage;
using CsCheck;
using Xunit;

public sealed class ReceiptTests
{
    private static readonly Guid Old = Guid.Parse("00000000-0000-0000-0000-0000000000a1");
    private static readonly Guid Current = Guid.Parse("00000000-0000-0000-0000-0000000000a2");

    private static readonly Gen<Receipt> Receipts =
        from id in Gen.Guid
        from partition in Gen.Int[0, 63]
        from ordinal in Gen.Long[0, EventId.MaxOrdinal]
        from accepted in Gen.Int[1, int.MaxValue]
        from rejected in Gen.Int[0, accepted]
        select new Receipt(id, partition, ordinal, accepted, rejected);

    [Fact]
    public void Receipt_text_gives_back_the_receipt_and_fits_into_a_path() => Receipts.Sample(receipt =>
    {
        var text = ReceiptText.Format(receipt);
        Assert.True(ReceiptText.TryParse(text, out var back));
        Assert.Equal(receipt, back);
        Assert.Equal(text, Uri.EscapeDataString(text));
    });

    [Fact]
    public void Receipt_text_with_one_character_changed_is_refused() =>
        Gen.Select(Receipts, Gen.Int[0, ReceiptText.Length - 2], Gen.Char["ABCxyz019-_"]).Sample((receipt, at, other) =>
        {
            var text = ReceiptText.Format(receipt).ToCharArray();
            if (text[at] == other)
                return;
            text[at] = other;
            Assert.False(ReceiptText.TryParse(new string(text), out _));
        });

    [Theory]
    [InlineData(0, "journaled", 0)]
    [InlineData(1, "journaled", 1)]
    [InlineData(3, "stored", 3)]
    public async Task A_receipt_tells_how_far_its_events_have_come(long storedOrdinal, string state, int stored)
    {
        await using var host = await IngestHost.StartAsync();
        var location = await PostThreeAsync(host);
        host.Queue.StoredOrdinal = storedOrdinal;

        using var response = await host.Client.GetAsync(location);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            $$"""{"state":"{{state}}","accepted":3,"stored":{{stored}},"deadLettered":0}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_receipt_has_expired_once_retention_removed_its_last_event()
    {
        await using var host = await IngestHost.StartAsync();
        var location = await PostThreeAsync(host);
        host.Queue.StoredOrdinal = 3;
        host.Store.Counts.Add(new StoredCounts(FakeIngestionQueue.SpoolId, "", 0, 2));
        host.Store.Events.Add(new EventId(FakeIngestionQueue.SpoolId, 0, 2));
        Assert.Equal("""{"state":"stored","accepted":3,"stored":3,"deadLettered":0}""", await host.Client.GetStringAsync(location));

        host.Store.Events.Clear();
        Assert.Equal("""{"state":"expired","accepted":3,"stored":0,"deadLettered":0}""", await host.Client.GetStringAsync(location));
        host.Store.Failure = new StoreFailure(StoreFailureKind.Transient, "test:away", "away", "Test");
        Assert.Equal("""{"state":"stored","accepted":3,"stored":3,"deadLettered":0}""", await host.Client.GetStringAsync(location));
    }

    [Fact]
    public async Task A_receipt_with_a_dead_letter_says_so_once_all_is_settled()
    {
        await using var host = await IngestHost.StartAsync();
        var location = await PostThreeAsync(host);
        host.DeadLetters.Items.Add((FakeIngestionQueue.SpoolId, 1));

        host.Queue.StoredOrdinal = 2;
        Assert.Equal("""{"state":"journaled","accepted":3,"stored":1,"deadLettered":1}""", await host.Client.GetStringAsync(location));
        host.Queue.StoredOrdinal = 3;
        Assert.Equal("""{"state":"deadLettered","accepted":3,"stored":2,"deadLettered":1}""", await host.Client.GetStringAsync(location));
    }

    [Fact]
    public async Task A_receipt_that_was_never_given_is_404()
    {
        await using var host = await IngestHost.StartAsync();
        await PostThreeAsync(host);
        foreach (var text in new[]
        {
            "nonsense",
            ReceiptText.Format(new Receipt(Guid.NewGuid(), 0, 0, 1, 0)),
            ReceiptText.Format(new Receipt(FakeIngestionQueue.SpoolId, 0, 3, 1, 0)),
            ReceiptText.Format(new Receipt(FakeIngestionQueue.SpoolId, 9, 0, 1, 0)),
        })
        {
            using var response = await host.Client.GetAsync($"/api/v1.0/receipts/{text}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal(404, problem.RootElement.GetProperty("status").GetInt32());
        }
    }

    [Fact]
    public void A_receipt_of_an_earlier_spool_id_counts_dead_letters_under_both_ids()
    {
        var status = new SpoolProtocol.SpoolStatus(
            0, Current, 9, 100, new StoredPosition(new SpoolOffset(9, 1), 100, 1), null, [(Old, 50)]);
        var deadLetters = new FakeDeadLetters();
        deadLetters.Items.AddRange([(Old, 48), (Old, 52), (Current, 51), (Current, 60)]);

        var state = ReceiptState.Of(new Receipt(Old, 0, 45, 10, 0), [status], deadLetters);

        Assert.Equal(new ReceiptState("deadLettered", 10, 8, 2), state);
    }

    private static async Task<Uri> PostThreeAsync(IngestHost host)
    {
        using var response = await host.PostAsync("/api/v1.0/logs", """[{"message":"a"},{"message":"b"},{"message":"c"}]""");
        return response.Headers.Location!;
    }
}
