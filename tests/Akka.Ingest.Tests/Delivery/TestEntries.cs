namespace Akka.Ingest.Tests.Delivery;

using System.IO.Hashing;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Ingest.Testing;

/// <summary>The one place of these tests that makes spool entries.</summary>
internal static class TestEntries
{
    public const string ApiKeyId = "tests";

    public static SpoolEntry Create(long firstOrdinal, IReadOnlyList<SpooledRequest> requests, ReadOnlyMemory<byte> chunks) => new()
    {
        FirstOrdinal = firstOrdinal,
        EventCount = requests.Sum(request => request.EventCount),
        Requests = requests,
        Chunks = chunks,
        Checksum = XxHash3.HashToUInt64(chunks.Span),
    };

    /// <summary>An entry with one chunk for each request; messages carry the ordinals.</summary>
    public static SequencedEntry Entry(long sequence, long firstOrdinal, int[] requestSizes, Func<long, bool>? isRejected = null, int padding = 0)
    {
        var requests = new List<SpooledRequest>();
        var chunks = new MemoryStream();
        var ordinal = firstOrdinal;
        foreach (var size in requestSizes)
        {
            var start = ordinal;
            using var block = TestEvents.Block(size, $"o{start}", i => isRejected?.Invoke(start + i) ?? false, padding);
            chunks.Write(block.Chunks.Span);
            requests.Add(new SpooledRequest(TestEvents.ReceivedAt.AddSeconds(start), ApiKeyId, size, block.RejectedCount, null));
            ordinal += size;
        }

        return new SequencedEntry(sequence, Create(firstOrdinal, requests, chunks.ToArray()));
    }

    /// <summary>Entries of one request each with sequences from 1.</summary>
    public static IReadOnlyList<SequencedEntry> Entries(params int[] sizes) => Entries(sizes, null);

    public static IReadOnlyList<SequencedEntry> Entries(int[] sizes, Func<long, bool>? isRejected)
    {
        var entries = new List<SequencedEntry>();
        var ordinal = 0L;
        foreach (var size in sizes)
        {
            entries.Add(Entry(entries.Count + 1, ordinal, [size], isRejected));
            ordinal += size;
        }

        return entries;
    }

    /// <summary>The position at which everything up to and including the entry is settled.</summary>
    public static StoredPosition EndOf(SequencedEntry entry) =>
        new(new SpoolOffset(entry.Sequence, entry.Entry.EventCount), entry.Entry.FirstOrdinal + entry.Entry.EventCount, entry.Entry.Checksum);
}
