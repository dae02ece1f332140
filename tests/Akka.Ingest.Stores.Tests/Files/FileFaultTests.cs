namespace Akka.Ingest.Stores.Tests.Files;

using Akka.Ingest.Query;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

/// <summary>One step of retention or of the start fails, and the store goes on.</summary>
public sealed class FileFaultTests
{
    private const int Events = 4;

    /// <summary>Ends a test that would wait for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly DateOnly Day = StoredDay.Of(TestEvents.ReceivedAt);

    [Fact]
    public async Task Whatever_step_of_a_days_removal_fails_what_is_appended_to_the_day_afterwards_is_kept()
    {
        foreach (var step in await StepsOfExpiryAsync(ExpireRequest.WholeDay))
        {
            using var folder = new TemporaryFolder();
            var disk = new FaultyFileSystem(folder.Path, step, DiskFault.Fail);
            Guid spool;
            await using (var store = await OpenAsync(folder, disk))
            {
                var feeder = new StoreFeeder(store);
                spool = feeder.SpoolId;
                await FillAsync(feeder);
                await TryExpireAsync(store, ExpireRequest.WholeDay);
                Assert.NotNull(disk.FaultyStepName);
                await feeder.AppendAsync(0, [SpecEvent.Of("new")]);
            }

            await using var again = await OpenAsync(folder, new FaultyFileSystem(folder.Path));
            var seen = (await again.AllPagesAsync(new LogQueryRequest())).Select(item => item.Id.Ordinal);
            Assert.True(seen.Contains(Events), $"{disk.FaultyStepName}: the event is lost");
            Assert.Equal(Events + 1, (await again.ReadPositionAsync(spool, 0, CancellationToken.None))!.Value.Ordinal);
        }
    }

    [Fact]
    public async Task A_rewrite_that_fails_leaves_no_copy_behind()
    {
        foreach (var step in await StepsOfExpiryAsync(events: 2))
        {
            using var folder = new TemporaryFolder();
            var disk = new FaultyFileSystem(folder.Path, step, DiskFault.CutThenFail);
            await using var store = await OpenAsync(folder, disk);
            await FillAsync(new StoreFeeder(store));

            await TryExpireAsync(store, events: 2);

            Assert.True(Copies(folder).Length == 0, $"{disk.FaultyStepName}: {string.Join(", ", Copies(folder))} is left");
            Assert.InRange((await store.AllPagesAsync(new LogQueryRequest())).Count, Events - 2, Events);
        }
    }

    [Fact]
    public async Task A_disk_that_is_too_full_to_write_index_and_positions_anew_does_not_keep_the_store_from_starting()
    {
        var rewritten = new HashSet<string>();
        for (var step = 1; ; step++)
        {
            using var folder = new TemporaryFolder();
            await using (var filled = await OpenAsync(folder, new FaultyFileSystem(folder.Path)))
                await FillAsync(new StoreFeeder(filled));
            foreach (var path in Directory.GetFiles(folder.Path).Where(path => !path.EndsWith(FileStorePaths.LinesExtension, StringComparison.Ordinal)))
                await AlterLastByteAsync(path);
            var disk = new FaultyFileSystem(folder.Path, step, DiskFault.CutThenFail);
            await using var store = new FileLogStore(new FileStoreSettings(folder.Path), disk, TimeProvider.System, NullLogger<FileLogStore>.Instance);
            var isStarted = await TryStartAsync(store);
            if (disk.FaultyStepName is not { } faulty)
                break;
            if (!IsRewrite(faulty))
                continue;

            Assert.True(isStarted, faulty);
            Assert.Empty(Copies(folder));
            Assert.Equal(Events, (await store.AllPagesAsync(new LogQueryRequest())).Count);
            await store.ExpireAsync(new ExpireRequest(Day, 1), CancellationToken.None);
            rewritten.Add(Path.GetFileName(faulty.Split(' ')[^1]));
        }

        Assert.Equal(2, rewritten.Count);
    }

    [Fact]
    public async Task A_store_that_is_closed_says_so()
    {
        using var folder = new TemporaryFolder();
        var store = await OpenAsync(folder, StoreFileSystem.Instance);
        await FillAsync(new StoreFeeder(store));

        await store.DisposeAsync();

        Func<Task>[] calls =
        [
            () => store.ReadHealthAsync(CancellationToken.None),
            () => store.ReadDaysAsync(CancellationToken.None),
            () => store.PageAsync(new LogQueryRequest()),
            () => store.ExpireAsync(new ExpireRequest(Day), CancellationToken.None),
        ];
        foreach (var call in calls)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => Task.Run(call).WaitAsync(Patience));
    }

    private static async Task<IEnumerable<int>> StepsOfExpiryAsync(long events)
    {
        using var folder = new TemporaryFolder();
        var disk = new FaultyFileSystem(folder.Path);
        await using var store = await OpenAsync(folder, disk);
        await FillAsync(new StoreFeeder(store));
        var before = disk.Steps;
        await store.ExpireAsync(new ExpireRequest(Day, events), CancellationToken.None);
        Assert.InRange(disk.Steps, before + 5, before + 50);
        return Enumerable.Range(before + 1, disk.Steps - before);
    }

    private static bool IsRewrite(string step) => step.EndsWith(FileStorePaths.TemporaryExtension, StringComparison.Ordinal);

    private static async Task AlterLastByteAsync(string path)
    {
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 0xFF;
        await File.WriteAllBytesAsync(path, bytes);
    }

    private static async Task<bool> TryStartAsync(FileLogStore store)
    {
        try
        {
            await store.InitializeAsync(CancellationToken.None);
            return true;
        }
        catch (StoreException)
        {
            return false;
        }
    }

    private static async Task TryExpireAsync(FileLogStore store, long events)
    {
        try
        {
            await store.ExpireAsync(new ExpireRequest(Day, events), CancellationToken.None);
        }
        catch (StoreException)
        {
            // The step that failed was the one that decides.
        }
    }

    private static async Task FillAsync(StoreFeeder feeder)
    {
        for (var i = 0; i < Events; i++)
            await feeder.AppendAsync(0, [SpecEvent.Of($"event {i}")]);
    }

    private static string[] Copies(TemporaryFolder folder) => Directory.GetFiles(folder.Path, "*" + FileStorePaths.TemporaryExtension);

    private static async Task<FileLogStore> OpenAsync(TemporaryFolder folder, IStoreFileSystem disk)
    {
        var store = new FileLogStore(new FileStoreSettings(folder.Path), disk, TimeProvider.System, NullLogger<FileLogStore>.Instance);
        await store.InitializeAsync(CancellationToken.None);
        return store;
    }
}
