namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Testing;
using Akka.TestKit.Xunit2;
using Xunit;
using static DeliveryHarness;

public sealed class DeliveryDeadLetterTests() : TestKit("akka.loglevel = OFF")
{
    private DeliveryHarness Harness(params int[] sizes) => new(Sys, new ScriptedSpool.Script(TestEntries.Entries(sizes)));

    private static IEnumerable<long> Ordinals(int count) => Enumerable.Range(0, count).Select(i => (long)i);

    [Fact]
    public async Task Poison_events_are_isolated_and_their_neighbours_are_stored_in_order()
    {
        using var harness = Harness(10, 10, 10);
        long[] poison = [0, 4, 5, 19, 29];
        harness.Store.IsPoison = poison.Contains;
        harness.Start();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(30).Except(poison), harness.StoredOrdinals);
        Assert.Equal(poison, harness.DeadLetterOrdinals);
        var letter = harness.DeadLetterLines[1];
        Assert.Equal("store-refused", letter.GetProperty("reason").GetString());
        Assert.Equal("test:constraint", letter.GetProperty("code").GetString());
        Assert.Equal("System.Data.DataException", letter.GetProperty("exceptionType").GetString());
        Assert.Equal("o0-4", letter.GetProperty("event").GetProperty("message").GetString());
        Assert.True(letter.GetProperty("attempts").GetInt32() > FastSettings.MaxWriteRetries);
    }

    [Fact]
    public async Task A_refused_write_is_repeated_as_often_as_configured_before_it_is_halved()
    {
        using var harness = Harness(10);
        harness.Store.IsPoison = ordinal => ordinal == 3;
        harness.Start();
        await harness.UntilSettledAsync();
        Assert.Equal(1 + FastSettings.MaxWriteRetries, harness.Store.Offered.TakeWhile(offered => offered.Ordinals.Count == 10).Count());
        Assert.Equal(5, harness.Store.Offered.ElementAt(1 + FastSettings.MaxWriteRetries).Ordinals.Count);
    }

    [Fact]
    public async Task A_batch_of_nothing_but_poison_goes_to_the_dead_letters_whole()
    {
        using var harness = Harness(10);
        harness.Store.IsPoison = static _ => true;
        harness.Start();
        await harness.UntilSettledAsync();
        Assert.Empty(harness.StoredOrdinals);
        Assert.Equal(Ordinals(10), harness.DeadLetterOrdinals);
    }

    [Fact]
    public async Task Rejected_events_go_to_the_dead_letters_and_are_never_offered_to_the_store()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(TestEntries.Entries([10, 10], ordinal => ordinal % 7 == 2)));
        harness.Start();
        await harness.UntilSettledAsync();
        long[] rejected = [2, 9, 16];
        Assert.Equal(Ordinals(20).Except(rejected), harness.StoredOrdinals);
        Assert.Equal(rejected, harness.DeadLetterOrdinals);
        Assert.DoesNotContain(harness.Store.Offered, offered => offered.Ordinals.Any(rejected.Contains));
        var letter = harness.DeadLetterLines[0];
        Assert.Equal("malformed-json", letter.GetProperty("reason").GetString());
        Assert.Equal("made up for a test", letter.GetProperty("exceptionText").GetString());
        Assert.Equal("o0-2", letter.GetProperty("text").GetString());
        Assert.False(letter.TryGetProperty("event", out _));
    }

    [Fact]
    public async Task An_event_that_is_a_dead_letter_is_not_offered_again_after_a_crash_even_if_the_store_would_take_it_now()
    {
        using var harness = Harness(10, 10);
        harness.Store.IsPoison = ordinal => ordinal == 0;
        // Whole batch and its repeats, then 5, 2, 1 events; what follows is the empty write that moves the offset over the dead letter.
        harness.Store.Plan(StoreFault.None, StoreFault.None, StoreFault.None, StoreFault.None, StoreFault.None, StoreFault.None, StoreFault.CrashBeforeCommit);
        harness.Start();
        await harness.Store.Crashed;
        Assert.Equal([0L], harness.DeadLetterOrdinals);
        Assert.Null(harness.Position);
        harness.Store.IsPoison = static _ => false;
        await harness.CrashAndRestartAsync();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(20).Skip(1), harness.StoredOrdinals);
        Assert.Equal([0L], harness.DeadLetterOrdinals);
    }

    [Fact]
    public async Task A_crash_between_the_dead_letters_and_the_write_repeats_neither()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(TestEntries.Entries([10, 10], ordinal => ordinal is 1 or 8)));
        harness.Store.Plan(StoreFault.CrashBeforeCommit);
        harness.Start();
        await harness.Store.Crashed;
        Assert.Equal([1, 8], harness.DeadLetterOrdinals);
        await harness.CrashAndRestartAsync();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(20).Except([1, 8]), harness.StoredOrdinals);
        Assert.Equal([1, 8], harness.DeadLetterOrdinals);
    }

    [Fact]
    public async Task The_offset_does_not_pass_an_event_before_its_dead_letter_is_on_disk()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(TestEntries.Entries([10, 10], ordinal => ordinal == 14)));
        var onDisk = new List<(long Next, int Letters)>();
        harness.Store.BeforeAppend = batch =>
        {
            onDisk.Add((batch.Next.Ordinal, harness.DeadLetterLines.Count));
            return Task.CompletedTask;
        };
        harness.Start();
        await harness.UntilSettledAsync();
        Assert.All(onDisk, seen => Assert.Equal(seen.Next > 14 ? 1 : 0, seen.Letters));
    }

    [Fact]
    public async Task Dead_letters_that_cannot_be_written_hold_the_offset_and_are_tried_again()
    {
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(TestEntries.Entries([10], ordinal => ordinal == 4)));
        // A file stands where the directory should be: every write fails, as on a full disk.
        Directory.CreateDirectory(Path.GetDirectoryName(harness.DeadLetterDirectory)!);
        await File.WriteAllTextAsync(harness.DeadLetterDirectory, "in the way");
        harness.Start();
        await UntilAsync(() => harness.Status.Current.Retries >= 3);
        Assert.Null(harness.Position);
        Assert.Contains("dead-letters", harness.Status.Current.LastError, StringComparison.Ordinal);
        File.Delete(harness.DeadLetterDirectory);
        await harness.UntilSettledAsync();
        Assert.Equal([4L], harness.DeadLetterOrdinals);
        Assert.Equal(9, harness.StoredOrdinals.Count);
    }

    [Theory]
    [InlineData(0x7F)]
    [InlineData(0xFF)]
    public async Task Events_that_cannot_be_read_go_to_the_dead_letters_and_their_neighbours_to_the_store(byte highByteOfLength)
    {
        var good = TestEntries.Entry(2, 20, [5, 5]);
        var chunks = good.Entry.Chunks.ToArray();
        // Inside the first record of the first chunk: its length is impossible now.
        chunks[ChunkCodec.HeaderLength + 3] = highByteOfLength;
        var bad = good with { Entry = TestEntries.Create(20, good.Entry.Requests, chunks) };
        var entries = new[] { TestEntries.Entry(1, 0, [20]), bad, TestEntries.Entry(3, 30, [5]) };
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script(entries)).Start();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(35).Except([20, 21, 22, 23, 24]), harness.StoredOrdinals);
        Assert.Equal([20, 21, 22, 23, 24], harness.DeadLetterOrdinals);
        Assert.All(harness.DeadLetterLines, line => Assert.Equal(UnreadableEvents.Reason, line.GetProperty("reason").GetString()));
        Assert.NotEmpty(Convert.FromBase64String(harness.DeadLetterLines[0].GetProperty("text").GetString()!));
    }

    [Fact]
    public async Task An_entry_that_is_cut_settles_what_is_left_of_it()
    {
        var whole = TestEntries.Entry(1, 0, [5, 5]);
        var cut = whole with { Entry = TestEntries.Create(0, whole.Entry.Requests, whole.Entry.Chunks[..^7]) };
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script([cut, TestEntries.Entry(2, 10, [5])])).Start();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(15).Except([5, 6, 7, 8, 9]), harness.StoredOrdinals);
        Assert.Equal([5, 6, 7, 8, 9], harness.DeadLetterOrdinals);
    }

    [Fact]
    public async Task A_record_that_only_the_store_finds_unreadable_is_isolated_like_any_poison()
    {
        var good = TestEntries.Entry(1, 0, [10]);
        var chunks = good.Entry.Chunks.ToArray();
        // The length of the first field of the first record; the length of the record itself stays right.
        chunks[ChunkCodec.HeaderLength + EventRecord.HeaderLength] = 0x7F;
        var entry = good with { Entry = TestEntries.Create(0, good.Entry.Requests, chunks) };
        using var harness = new DeliveryHarness(Sys, new ScriptedSpool.Script([entry])).Start();
        await harness.UntilSettledAsync();
        Assert.Equal(Ordinals(10).Skip(1), harness.StoredOrdinals);
        Assert.Equal("record:unreadable", harness.DeadLetterLines.Single().GetProperty("code").GetString());
        Assert.True(harness.DeadLetterLines.Single().TryGetProperty("raw", out _));
    }
}
