namespace Akka.Ingest.Storage;

using Akka.Ingest.Model;

/// <summary>What one atomic write takes: a contiguous run of one partition, less what went to the dead letters.</summary>
public sealed class StoreBatch
{
    public required Guid SpoolId { get; init; }
    public required int Partition { get; init; }

    /// <summary>Where the store must stand for the write to happen.</summary>
    public required StoredPosition Expected { get; init; }

    /// <summary>Where the store stands afterwards. <c>Next.Ordinal - Expected.Ordinal</c> is at least the number of events.</summary>
    public required StoredPosition Next { get; init; }

    /// <summary>The events, in order; gaps between ordinals are dead letters. May be empty: then only the position moves.</summary>
    public required IReadOnlyList<StoreSlice> Slices { get; init; }

    public int EventCount => Slices.Sum(slice => slice.Count);
    public long RawBytes => Slices.Sum(slice => (long)slice.Records.Length);
}

/// <summary>Consecutive events that came with one request.</summary>
/// <param name="Records">Encoded records back to back, see <see cref="EventRecord"/>.</param>
/// <param name="Count">Number of records.</param>
/// <param name="FirstOrdinal">Ordinal of the first; the others follow without a gap.</param>
/// <param name="ReceivedAt">When the request was received, UTC.</param>
/// <param name="ApiKeyId">Which key sent it; empty for none.</param>
public sealed record StoreSlice(ReadOnlyMemory<byte> Records, int Count, long FirstOrdinal, DateTime ReceivedAt, string ApiKeyId);

/// <summary>Outcome of <see cref="ILogStore.AppendAsync"/>.</summary>
public abstract record StoreAppendResult
{
    private StoreAppendResult()
    {
    }

    /// <summary>Committed and flushed.</summary>
    public sealed record Appended : StoreAppendResult
    {
        public static readonly Appended Instance = new();
    }

    /// <summary>Nothing was written: another writer moved the position, or a write thought lost had happened.</summary>
    /// <param name="Actual">Where the store stands; null where it knows nothing of the spool.</param>
    public sealed record OffsetMismatch(StoredPosition? Actual) : StoreAppendResult;

    /// <summary>Not written, or (connection lost in commit) not known; the next append's expected position tells.</summary>
    public sealed record Failed(StoreFailure Failure) : StoreAppendResult;
}
