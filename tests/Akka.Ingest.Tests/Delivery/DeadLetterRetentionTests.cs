namespace Akka.Ingest.Tests.Delivery;

using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

public sealed class DeadLetterRetentionTests : IDisposable
{
    private static readonly Guid SpoolId = new("0192f3a4-0000-7000-8000-00000000a001");
    private static readonly DateTime Before = new(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"akka-ingest-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Old_files_go_and_their_letters_are_remembered_by_key()
    {
        var sink = Sink();
        Write(sink, "a", daysBefore: 2, 1, 2);
        Write(sink, "", daysBefore: 1, 5);
        Write(sink, "a", daysBefore: -1, 8);
        Assert.Equal((2, 3L), (Find(sink).Files, Find(sink).Events));

        var removed = sink.Expire(Before, Settled(100));

        Assert.Equal((2, 3L), (removed.Files, removed.Events));
        Assert.Equal(0, sink.Expire(Before, Settled(100)).Files);
        foreach (var index in new[] { sink, Sink() })
        {
            Assert.Equal([new DeadLetterCounts(SpoolId, "", 0, 1), new DeadLetterCounts(SpoolId, "a", 1, 2)], Counts(index));
            Assert.Equal(1, index.Count(SpoolId, 2, 0, 100));
            Assert.Equal([8L], index.OrdinalsFrom(SpoolId, 2, 0));
        }

        Assert.Single(Directory.GetFiles(_folder, "*.ndjson"));
    }

    [Fact]
    public void A_file_whose_events_may_still_be_delivered_stays()
    {
        var sink = Sink();
        Write(sink, "a", daysBefore: 9, 4, 7);

        Assert.Equal(0, sink.Expire(Before, Settled(7)).Files);
        Assert.Equal([4L, 7L], sink.OrdinalsFrom(SpoolId, 2, 0).Order());
        Assert.Equal(1, sink.Expire(Before, Settled(8)).Files);
    }

    [Fact]
    public void A_crash_between_counting_and_deleting_counts_once_and_deletes_at_the_next_run()
    {
        var sink = Sink();
        Write(sink, "a", daysBefore: 2, 1, 2);
        var file = Directory.GetFiles(_folder, "*.ndjson").Single();
        var content = File.ReadAllBytes(file);
        sink.Expire(Before, Settled(100));

        // As if the file had been counted and not yet deleted when the process died.
        File.WriteAllBytes(file, content);
        File.SetLastWriteTimeUtc(file, Before.AddDays(-2));
        var restarted = Sink();
        Assert.Equal(1, restarted.Expire(Before, Settled(100)).Files);

        Assert.False(File.Exists(file));
        Assert.Equal([new DeadLetterCounts(SpoolId, "a", 0, 2)], Counts(Sink()));
    }

    [Fact]
    public void Many_files_go_in_steps()
    {
        var sink = Sink();
        for (var i = 0; i < 120; i++)
            Write(sink, "a", daysBefore: 2, i * 10);

        var steps = new List<int>();
        while (sink.Expire(Before, Settled(10_000)) is { Files: > 0 } step)
            steps.Add(step.Files);

        Assert.Equal([100, 20], steps);
        Assert.Equal([new DeadLetterCounts(SpoolId, "a", 0, 120)], Counts(Sink()));
    }

    [Fact]
    public void Letters_added_to_a_file_later_are_counted()
    {
        var sink = Sink();
        Write(sink, "a", daysBefore: 0, 3);
        Assert.Equal([new DeadLetterCounts(SpoolId, "a", 1, 0)], Counts(sink));
        sink.Write(SpoolId, 2, [.. Letters("a", 3), .. Letters("b", 4)]);
        Assert.Equal([new DeadLetterCounts(SpoolId, "a", 1, 0), new DeadLetterCounts(SpoolId, "b", 1, 0)], Counts(sink));
    }

    [Fact]
    public void A_memory_that_cannot_be_read_stops_retention_and_says_where()
    {
        var sink = Sink();
        Write(sink, "a", daysBefore: 2, 1);
        File.WriteAllText(Path.Combine(_folder, DeadLetterExpiry.FileName), "{");

        var failure = Assert.Throws<IOException>(() => sink.Expire(Before, Settled(100)));

        Assert.Contains(DeadLetterExpiry.FileName, failure.Message, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder, "*.ndjson"));
    }

    private DeadLetterSink Sink() => new(_folder, NullLogger.Instance);

    private static DeadLetterFiles Find(DeadLetterSink sink) => sink.FindExpired(Before, Settled(100));

    private static IEnumerable<DeadLetterCounts> Counts(DeadLetterSink sink) => sink.ReadCounts().OrderBy(count => count.ApiKeyId, StringComparer.Ordinal);

    private static Func<Guid, int, long> Settled(long ordinal) => (_, _) => ordinal;

    private void Write(DeadLetterSink sink, string apiKeyId, int daysBefore, params long[] ordinals)
    {
        sink.Write(SpoolId, 2, Letters(apiKeyId, ordinals));
        File.SetLastWriteTimeUtc(Path.Combine(_folder, new DeadLetterFileName(SpoolId, 2, new SpoolOffset(7, (int)ordinals[0])).ToString()), Before.AddDays(-daysBefore));
    }

    private static DeadLetter[] Letters(string apiKeyId, params long[] ordinals) => [.. ordinals.Select(ordinal => new DeadLetter(
        new EventId(SpoolId, 2, ordinal), new SpoolOffset(7, (int)ordinal), TestEvents.Records(1, $"o{ordinal}"), TestEvents.ReceivedAt, apiKeyId,
        new StoreRefusal("test:1", "T", "refused", 4, TestEvents.ReceivedAt, TestEvents.ReceivedAt)))];
}
