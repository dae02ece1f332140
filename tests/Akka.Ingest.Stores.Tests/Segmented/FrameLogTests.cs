namespace Akka.Ingest.Stores.Tests.Segmented;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.State;
using Akka.Ingest.Stores.Tests.Files;
using Akka.Ingest.Testing;
using Xunit;

public sealed class FrameLogTests : IDisposable
{
    private const int FlushOfTheFirstGroup = 5;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_a_group_whose_flush_failed_nothing_is_left_behind_what_is_written_next()
    {
        var disk = new FaultyFileSystem(_folder.Path, FlushOfTheFirstGroup, DiskFault.Fail);
        var log = Log(disk);
        var feeder = new StoreFeeder(null!);
        var large = feeder.Batch(0, [SpecEvent.Of(new string('x', 500))]);
        // Another of the same length will end exactly where this one begins.
        var behind = feeder.Batch(1, [SpecEvent.Of("behind")]);
        var next = feeder.Batch(2, [SpecEvent.Of(new string('y', 500))]);

        Assert.Throws<IOException>(() => log.Write([large, behind]));
        Assert.IsType<StoreAppendResult.Appended>(Assert.Single(log.Write([next])));

        Assert.StartsWith("flush ", disk.FaultyStepName, StringComparison.Ordinal);
        Assert.Equal([2], Replay().Frames.Select(frame => frame.Header.Partition));
        log.Close();
        Assert.Equal([2], Replay().Frames.Select(frame => frame.Header.Partition));
    }

    [Fact]
    public void A_frame_that_is_bad_in_the_last_group_is_torn_and_before_an_end_mark_it_is_damage()
    {
        var log = Log(StoreFileSystem.Instance);
        log.Write([new StoreFeeder(null!).Batch(0, [SpecEvent.Of("event")])]);
        Flip("event"u8);
        Assert.Empty(Replay().Frames);
        Assert.Equal(0, Replay().Length);
        Flip("dvent"u8);
        log.Close();
        Flip("event"u8);

        var frame = Assert.Single(Replay().Frames);

        Assert.True(frame.IsDamaged);
        Assert.Equal(1, Assert.Single(frame.Header.Ids).Count);
    }

    private FrameLog Log(IStoreFileSystem disk) => new(
        new SegmentedStoreSettings(_folder.Path) { CompressFrames = false }, disk, new StoreState(Manifest.Empty), new ExpandedFrames(0), 1, TimeProvider.System, () => { });

    private ReplayedFile Replay()
    {
        using var file = StoreFileSystem.Instance.OpenToRead(Path.Combine(_folder.Path, ActiveFile.NameOf(1)));
        return ActiveReplay.Read(file);
    }

    private void Flip(ReadOnlySpan<byte> text)
    {
        using var file = StoreFileSystem.Instance.OpenOrCreate(Path.Combine(_folder.Path, ActiveFile.NameOf(1)));
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        var at = bytes.AsSpan().IndexOf(text);
        file.Write(at, [(byte)(bytes[at] ^ 1)]);
    }
}
