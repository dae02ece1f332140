namespace Akka.Ingest.Stores.Tests.Files;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Testing;
using Xunit;
using Xunit.Sdk;

/// <summary>What every store in a folder does, beyond what every store does: it survives any crash and any altered byte.</summary>
public abstract class FolderStoreSpec : LogStoreSpec
{
    private readonly TemporaryFolder _folder = new();

    private protected string Folder => Path.Combine(_folder.Path, "store");

    /// <summary>What a byte is changed by: xor with it. 0 means: becomes a newline.</summary>
    private protected virtual IReadOnlyList<byte> FlipMasks => [0xFF, 0x01, 0x00];

    /// <summary>Of which of its bytes a file is tried: every so many-th, beginning anywhere. The failure names the byte.</summary>
    private protected virtual int FlipStride(string file) => 1;

    private protected abstract ILogStore CreateStore(string folder, IStoreFileSystem files);

    /// <summary>Seals and merges what can be sealed and merged, at once; called while the workload runs.</summary>
    private protected virtual Task MaintainAsync(ILogStore store) => Task.CompletedTask;

    /// <summary>Which of the events may be lost when a byte of a file is altered: those of the one line or block it lies in.</summary>
    /// <param name="file">Path relative to the store's folder.</param>
    /// <param name="content">The file before.</param>
    private protected abstract IEnumerable<EventId> MayBeLost(string file, byte[] content, int offset);

    protected override ILogStore CreateStore() => CreateStore(Folder, StoreFileSystem.Instance);

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(DiskFault.Fail)]
    [InlineData(DiskFault.CutThenFail)]
    [InlineData(DiskFault.CutThenCrash)]
    [InlineData(DiskFault.CrashBefore)]
    [InlineData(DiskFault.CrashAfter)]
    public async Task Whatever_step_on_the_disk_fails_or_is_the_last_nothing_is_lost_and_nothing_is_there_twice(DiskFault fault)
    {
        var steps = await CountStepsAsync();
        Assert.InRange(steps, 10, 2_000);
        var losses = LossesOf(fault);
        await Parallel.ForEachAsync(
            Enumerable.Range(1, steps).SelectMany(step => losses.Select(loss => (Step: step, Loss: loss))),
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (plan, _) => await CrashAsync(plan.Step, fault, plan.Loss));
    }

    [Fact]
    public async Task Whichever_byte_is_altered_the_store_starts_serves_all_others_and_names_what_is_lost()
    {
        using var made = new TemporaryFolder();
        var workload = new FolderWorkload(() => CreateStore(made.Path, new FaultyFileSystem(made.Path)), MaintainAsync);
        await workload.RunSmallAsync(new FaultyFileSystem(made.Path));
        var files = Directory.GetFiles(made.Path, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetRelativePath(made.Path, path), File.ReadAllBytes);

        var places = files.SelectMany(file => PlacesIn(file.Key, file.Value.Length).SelectMany(at => FlipMasks.Select(mask => (File: file.Key, At: at, Mask: mask))));
        await Parallel.ForEachAsync(
            places.Where(place => place.Mask != 0 || IsText(files[place.File], place.At)).Chunk(100),
            new ParallelOptions { MaxDegreeOfParallelism = 2 },
            async (chunk, _) =>
            {
                using var copy = new TemporaryFolder();
                foreach (var (file, at, mask) in chunk)
                    await FlipAsync(workload, copy.Path, files, file, at, mask);
            });
    }

    // Before a step is after the one before it: that needs no second look at every loss.
    private static IReadOnlyList<PowerLoss> LossesOf(DiskFault fault) => fault switch
    {
        DiskFault.CrashAfter => PowerLoss.All,
        DiskFault.CrashBefore => [new PowerLoss(UnflushedBytes.Lost, UnflushedNames.Undone)],
        DiskFault.CutThenCrash => [PowerLoss.ProcessOnly, new PowerLoss(UnflushedBytes.Holed, UnflushedNames.Kept)],
        _ => [PowerLoss.ProcessOnly],
    };

    private async Task<int> CountStepsAsync()
    {
        using var folder = new TemporaryFolder();
        var disk = new FaultyFileSystem(folder.Path);
        var workload = new FolderWorkload(() => CreateStore(folder.Path, disk), MaintainAsync);
        await workload.RunAsync(disk);
        await CheckAsync(workload, folder.Path);
        return disk.Steps;
    }

    private async Task CrashAsync(int step, DiskFault fault, PowerLoss loss)
    {
        using var folder = new TemporaryFolder();
        var disk = new FaultyFileSystem(folder.Path, step, fault);
        try
        {
            var workload = new FolderWorkload(() => CreateStore(folder.Path, disk), MaintainAsync);
            await workload.RunAsync(disk);
            if (disk.HasCrashed)
                disk.LosePower(loss);
            await CheckAsync(workload, folder.Path);
        }
        catch (Exception exception) when (exception is XunitException or StoreException or IOException or InvalidOperationException or ArgumentException)
        {
            throw new XunitException($"{fault} at step {step} ({disk.FaultyStepName}), {loss}: {exception}", exception);
        }
    }

    // Twice: what the first start mended must hold in the second, with what was written since.
    private async Task CheckAsync(FolderWorkload workload, string folder)
    {
        await using (var store = CreateStore(folder, new FaultyFileSystem(folder)))
        {
            await store.InitializeAsync(CancellationToken.None);
            await workload.Model.CheckAsync(store, workload.SpoolId);
            await workload.ContinueAsync(store);
        }

        await using var again = CreateStore(folder, new FaultyFileSystem(folder));
        await again.InitializeAsync(CancellationToken.None);
        await workload.Model.CheckAsync(again, workload.SpoolId);
    }

    private async Task FlipAsync(FolderWorkload workload, string folder, Dictionary<string, byte[]> files, string file, int at, byte mask)
    {
        Directory.Delete(folder, recursive: true);
        foreach (var (name, content) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var altered = content;
            if (name == file)
            {
                altered = (byte[])content.Clone();
                altered[at] = mask == 0 ? (byte)'\n' : (byte)(content[at] ^ mask);
            }

            await File.WriteAllBytesAsync(path, altered);
        }

        try
        {
            await using var store = CreateStore(folder, new FaultyFileSystem(folder));
            await store.InitializeAsync(CancellationToken.None);
            foreach (var (partition, position) in workload.Model.Positions)
                Assert.Equal(position, await store.ReadPositionAsync(workload.SpoolId, partition, CancellationToken.None));
            var seen = await workload.Model.SeeAsync(store, limit: 1_000);
            var lost = workload.Model.Held.Select(item => item.Id).Where(id => !seen.Contains(id)).Order(WorkloadModel.ById).ToArray();
            Assert.Empty(lost.Except(MayBeLost(file, files[file], at)));
            var damage = (await store.ReadHealthAsync(CancellationToken.None)).Damage;
            Assert.Equal(lost, damage.SelectMany(place => place.Events).SelectMany(Ids).Order(WorkloadModel.ById));
        }
        catch (Exception exception) when (exception is XunitException or StoreException or IOException or InvalidOperationException or ArgumentException)
        {
            throw new XunitException($"Byte {at} of {file}, {files[file][at]:x2} changed by {mask:x2}: {exception}", exception);
        }
    }

    private IEnumerable<int> PlacesIn(string file, int length)
    {
        var stride = FlipStride(file);
        for (var at = Random.Shared.Next(stride); at < length; at += stride)
            yield return at;
    }

    // A newline means something in text only, and where there was none.
    private static bool IsText(byte[] file, int at) => file[at] != (byte)'\n' && file[0] == (byte)'{';

    private static IEnumerable<EventId> Ids(EventIdRange range)
    {
        for (var i = 0; i < range.Count; i++)
            yield return new EventId(range.SpoolId, range.Partition, range.FirstOrdinal + i);
    }
}
