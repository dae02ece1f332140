namespace Akka.Ingest.Stores.Tests.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>Lines that were altered or cut, with and without the index that knows them.</summary>
public sealed class FileDamageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Lines => Path.Combine(_folder.Path, "2026-11-24.ndjson");

    private string Index => Path.ChangeExtension(Lines, "index");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_the_index_the_neighbours_name_what_is_lost_and_dead_letters_are_not_lost()
    {
        var (fed, _) = await FillAsync();
        var original = await File.ReadAllBytesAsync(Lines);
        var lastGroup = original.AsSpan(0, original.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (var at = 0; at < lastGroup; at += 3)
        {
            var altered = (byte[])original.Clone();
            altered[at] ^= 0x10;
            await File.WriteAllBytesAsync(Lines, altered);
            File.Delete(Index);
            await using var store = await OpenAsync();

            var seen = (await store.AllPagesAsync(new LogQueryRequest { Limit = 3 })).Select(item => item.Id).ToHashSet();
            var lost = fed.Where(id => !seen.Contains(id)).ToArray();

            Assert.InRange(lost.Length, 0, 1);
            Assert.True(lost.Length == (original[at] == (byte)'\n' ? 0 : 1), $"byte {at}: {lost.Length} lost");
            var damage = (await store.ReadHealthAsync(CancellationToken.None)).Damage;
            var named = damage.SelectMany(item => item.Events).Select(range => new EventId(range.SpoolId, range.Partition, range.FirstOrdinal)).ToArray();

            // Where the id itself is damaged and another partition's events are its neighbours, it can only be guessed.
            var inLine = at - (original.AsSpan(0, at).LastIndexOf((byte)'\n') + 1);
            if (inLine is >= 7 and < 47)
                Assert.Equal(lost.Length, named.Length);
            else
                Assert.True(lost.SequenceEqual(named), $"byte {at}: lost {string.Join(',', lost)}, named {string.Join(',', named)}");
            Assert.Equal(seen.Count, await store.CountAsync(new LogQueryPlan(), CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_tail_that_was_cut_at_any_byte_ends_with_the_last_whole_batch()
    {
        var (fed, ends) = await FillAsync();
        var original = await File.ReadAllBytesAsync(Lines);
        for (var length = original.Length - 1; length >= 0; length -= 7)
        {
            await File.WriteAllBytesAsync(Lines, original.AsMemory(0, length));
            File.Delete(Index);
            await using var store = await OpenAsync();

            var kept = ends.Last(end => end.Length <= length).Events;

            var seen = (await store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Received })).Select(item => item.Id);
            Assert.Equal(fed.Take(kept), seen);
            Assert.Empty((await store.ReadHealthAsync(CancellationToken.None)).Damage);
        }
    }

    [Fact]
    public async Task A_line_inside_of_an_event_is_not_taken_for_one()
    {
        await using (var first = await OpenAsync())
            await new StoreFeeder(first).AppendAsync(0, [SpecEvent.Of("inner")]);
        var inner = (await File.ReadAllTextAsync(Lines)).TrimEnd();
        EventId outer;
        await using (var second = await OpenAsync())
            outer = (await new StoreFeeder(second).AppendAsync(0, [SpecEvent.Of("outer", inner)]))[0].Id;
        var bytes = await File.ReadAllBytesAsync(Lines);
        bytes[bytes.AsSpan().IndexOf("outer"u8)] = (byte)'\n';
        await File.WriteAllBytesAsync(Lines, bytes);

        await using var store = await OpenAsync();

        Assert.Single((await store.PageAsync(new LogQueryRequest())).Events);
        var lost = Assert.Single(Assert.Single((await store.ReadHealthAsync(CancellationToken.None)).Damage).Events);
        Assert.Equal((outer.SpoolId, 0, 0, 1), (lost.SpoolId, lost.Partition, lost.FirstOrdinal, lost.Count));
    }

    [Theory]
    [InlineData(0, 4096)]
    [InlineData(1000, 1500)]
    public async Task A_stretch_of_zeros_costs_the_lines_it_touches(int from, int to)
    {
        var (fed, _) = await FillAsync(events: 40);
        var bytes = await File.ReadAllBytesAsync(Lines);
        var first = bytes.AsSpan(0, from).Count((byte)'\n');
        var last = bytes.AsSpan(0, to).Count((byte)'\n');
        bytes.AsSpan(from, to - from).Clear();
        await File.WriteAllBytesAsync(Lines, bytes);

        await using var store = await OpenAsync();

        var seen = (await store.AllPagesAsync(new LogQueryRequest { Order = LogOrder.Received })).Select(item => item.Id).ToArray();
        Assert.Equal([.. fed.Take(first), .. fed.Skip(last + 1)], seen);
        Assert.Equal(last - first + 1, (await store.ReadHealthAsync(CancellationToken.None)).Damage.SelectMany(item => item.Events).Sum(range => range.Count));
    }

    [Fact]
    public async Task A_day_file_that_is_gone_is_reported_and_writing_goes_on()
    {
        var (fed, _) = await FillAsync();
        File.Delete(Lines);

        await using var store = await OpenAsync();
        var more = await new StoreFeeder(store).AppendAsync(0, [SpecEvent.Of("more")]);

        Assert.Equal(more[0].Id, Assert.Single((await store.PageAsync(new LogQueryRequest())).Events).Id);
        Assert.Equal(fed.Count, (await store.ReadHealthAsync(CancellationToken.None)).Damage.SelectMany(item => item.Events).Sum(range => range.Count));
    }

    // Appends of several partitions with dead letters between; the last is one event.
    private async Task<(List<EventId> Ids, List<(long Length, int Events)> Ends)> FillAsync(int events = 2)
    {
        await using var store = await OpenAsync();
        var spool = new Guid("5eed0000-0000-4000-8000-000000000002");
        var ids = new List<EventId>();
        var ends = new List<(long, int)> { (0, 0) };
        var positions = new StoredPosition[3];
        foreach (var (partition, count, gap) in new[] { (0, events, 0), (1, 1, 2), (0, events, 1), (2, 1, 0), (1, events, 3), (0, 1, 0) })
        {
            var expected = positions[partition];
            var first = expected.Ordinal + gap;
            positions[partition] = new StoredPosition(new SpoolOffset(expected.Offset.Sequence + 1, 0), first + (2 * count), 5);
            var slices = Enumerable.Range(0, count).Select(i => new StoreSlice(SpecEvent.Of($"event {ids.Count + i}").Encode(), 1, first + (2 * i), TestEvents.ReceivedAt, "k")).ToArray();
            var batch = new StoreBatch { SpoolId = spool, Partition = partition, Expected = expected, Next = positions[partition], Slices = slices };
            Assert.IsType<StoreAppendResult.Appended>(await store.AppendAsync(batch, CancellationToken.None));
            ids.AddRange(slices.Select(slice => new EventId(spool, partition, slice.FirstOrdinal)));
            ends.Add((new FileInfo(Lines).Length, ids.Count));
        }

        return (ids, ends);
    }

    private async Task<FileLogStore> OpenAsync()
    {
        var store = new FileLogStore(new FileStoreSettings(_folder.Path), StoreFileSystem.Instance, TimeProvider.System, NullLogger<FileLogStore>.Instance);
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }
}
