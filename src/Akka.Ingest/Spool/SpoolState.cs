namespace Akka.Ingest.Spool;

using System.Collections.Immutable;
using Akka.Ingest.Model;

/// <summary>Ordinals that no event has: an entry between its neighbours could not be read.</summary>
public readonly record struct OrdinalGap(long Start, long Count)
{
    public long End => Start + Count;
}

/// <summary>Events accepted for one API key since the spool was made.</summary>
public readonly record struct AcceptedCount(long Events, long Rejected);

/// <summary>An <see cref="Owned"/> after which the store was not yet seen to agree with this journal.</summary>
public readonly record struct UnverifiedOwner(long Sequence, long Ordinal);

/// <summary>
/// Everything a partition knows, as a function of its journal (<see cref="Apply"/>) and of what the store confirmed
/// (<see cref="Confirm"/>). Deterministic: it reads no clock and makes no identifier.
/// </summary>
/// <remarks>Not thread-safe; lives in one actor. Invariant: Trim &lt;= Checkpoint &lt;= head.</remarks>
internal sealed class SpoolState(int maxIdempotencyKeys)
{
    private readonly Dictionary<string, AcceptedCount> _accepted = new(StringComparer.Ordinal);
    private readonly IdempotencyMemory _memory = new(maxIdempotencyKeys);
    private readonly BacklogAges _ages = new();

    /// <summary>Empty until the journal has a <see cref="SpoolCreated"/>.</summary>
    public Guid SpoolId { get; internal set; }
    public int Partitions { get; internal set; }

    /// <summary>Ids before the present one, oldest first; an id owns the ordinals from the end of the one before to its own.</summary>
    public ImmutableArray<(Guid SpoolId, long EndOrdinal)> EarlierSpoolIds { get; internal set; } = [];
    public uint Epoch { get; internal set; }

    /// <summary>Last sequence number of any event applied.</summary>
    public long HeadSequence { get; internal set; }

    /// <summary>Ordinal of the next event.</summary>
    public long HeadOrdinal { get; internal set; }

    /// <summary>Sequence number and checksum of the last entry; 0 without one.</summary>
    public long HeadEntrySequence { get; internal set; }
    public ulong HeadEntryChecksum { get; internal set; }

    /// <summary>What the store has, as far as the spool knows: it may lag behind the store, never lead.</summary>
    public StoredPosition Checkpoint { get; internal set; }

    /// <summary>Everything before it may be gone from the journal.</summary>
    public StoredPosition Trim { get; internal set; }

    /// <summary>Last sequence number that <see cref="Trim"/> gives up.</summary>
    public long TrimmedThrough => Trim.Offset.Index == 0 ? Math.Max(0, Trim.Offset.Sequence - 1) : Trim.Offset.Sequence;
    public UnverifiedOwner? Unverified { get; internal set; }
    public ImmutableArray<OrdinalGap> Gaps { get; internal set; } = [];
    public IReadOnlyDictionary<string, AcceptedCount> Accepted => _accepted;
    public IEnumerable<RememberedRequest> Remembered => _memory.Requests;
    public int RememberedCount => _memory.Count;
    public DateTime? OldestUnstoredAt => Backlog == 0 ? null : _ages.Oldest;

    /// <summary>Events accepted and not known to be settled.</summary>
    public long Backlog => HeadOrdinal - Checkpoint.Ordinal - GapAfter(Checkpoint.Ordinal);

    /// <summary>Ordinals from <paramref name="ordinal"/> on that no event has.</summary>
    public long GapAfter(long ordinal)
    {
        var sum = 0L;
        foreach (var gap in Gaps)
            sum += Math.Max(0, gap.End - Math.Max(gap.Start, ordinal));
        return sum;
    }

    /// <summary>The spool id that an event's id is made with.</summary>
    public Guid SpoolIdOf(long ordinal)
    {
        foreach (var (spoolId, endOrdinal) in EarlierSpoolIds)
        {
            if (ordinal < endOrdinal)
                return spoolId;
        }

        return SpoolId;
    }

    /// <summary>What was accepted under this key within its lifetime; null for nothing.</summary>
    public RememberedRequest? Find(UInt128 key, DateTime now) => _memory.TryFind(key, now, out var request) ? request : null;

    public void Apply(ISpoolEvent @event, long sequence)
    {
        HeadSequence = sequence;
        switch (@event)
        {
            case SpoolEntry entry:
                ApplyEntry(entry, sequence);
                break;
            case SpoolCreated created:
                SpoolId = created.SpoolId;
                Partitions = created.Partitions;
                break;
            case Owned owned:
                Epoch = owned.Epoch;
                Unverified ??= new UnverifiedOwner(sequence, HeadOrdinal);
                break;
            case StoreVerified:
                Unverified = null;
                break;
            case SpoolRenewed renewed:
                if (SpoolId != Guid.Empty)
                    EarlierSpoolIds = EarlierSpoolIds.Add((SpoolId, renewed.From.Ordinal));
                SpoolId = renewed.NewSpoolId;
                ResetCheckpoint(renewed.From);
                break;
            case CorruptEntry { Manifest: SpoolSerializer.EntryManifest }:
                SkipOrdinals(CorruptEntry.ReservedOrdinals);
                break;
            case CorruptEntry { Manifest: SpoolSerializer.RenewedManifest or SpoolSerializer.CreatedManifest }:
                SpoolId = Guid.Empty;
                break;
        }
    }

    /// <summary>The store settled everything before <paramref name="position"/>. Returns false for old news.</summary>
    public bool Confirm(in StoredPosition position)
    {
        if (position.Ordinal <= Checkpoint.Ordinal || position.Ordinal > HeadOrdinal)
            return false;
        ResetCheckpoint(position);
        return true;
    }

    /// <summary>Moves the checkpoint, also back: the store was found behind it.</summary>
    public void ResetCheckpoint(in StoredPosition position)
    {
        Checkpoint = position;
        _ages.Settle(position.Ordinal);
        if (!Gaps.IsEmpty && Gaps[0].End <= Trim.Ordinal)
            Gaps = Gaps.RemoveAt(0);
    }

    /// <summary>
    /// From now on the journal may lose everything that the checkpoint has settled. An entry that is settled in part stays whole.
    /// </summary>
    public void MoveTrim()
    {
        var whole = Checkpoint.Offset.Sequence == HeadEntrySequence && Checkpoint.Ordinal == HeadOrdinal;
        var position = whole ? Checkpoint : Checkpoint with
        {
            Offset = new SpoolOffset(Checkpoint.Offset.Sequence, 0),
            Ordinal = Checkpoint.Ordinal - Checkpoint.Offset.Index,
        };
        if (position.Offset > Trim.Offset)
            Trim = position;
    }

    /// <summary>After a snapshot that cannot be read: no ordinal given before can be given again.</summary>
    public void SkipOrdinals(long count)
    {
        Gaps = Gaps.Add(new OrdinalGap(HeadOrdinal, count));
        HeadOrdinal += count;
    }

    internal void RestoreAccepted(string apiKeyId, AcceptedCount count) => _accepted[apiKeyId] = count;

    internal void RestoreRemembered(in RememberedRequest request) => _memory.Remember(request);

    internal void RestoreOldest(DateTime receivedAt) => _ages.Add(HeadOrdinal, receivedAt);

    private void ApplyEntry(SpoolEntry entry, long sequence)
    {
        if (entry.FirstOrdinal > HeadOrdinal)
            SkipOrdinals(entry.FirstOrdinal - HeadOrdinal);
        else if (entry.FirstOrdinal < HeadOrdinal)
            ShortenLastGap(entry.FirstOrdinal);
        HeadOrdinal = entry.EndOrdinal;
        HeadEntrySequence = sequence;
        HeadEntryChecksum = entry.Checksum;
        _ages.Add(entry.EndOrdinal, entry.Requests[0].ReceivedAt);
        var ordinal = entry.FirstOrdinal;
        foreach (var request in entry.Requests)
        {
            var count = _accepted.GetValueOrDefault(request.ApiKeyId);
            _accepted[request.ApiKeyId] = new AcceptedCount(count.Events + request.EventCount, count.Rejected + request.RejectedCount);
            if (request.Identity is { } identity)
                _memory.Remember(new(identity.Key, identity.Body, ordinal, request.EventCount, request.RejectedCount, request.ReceivedAt));
            ordinal += request.EventCount;
        }
    }

    /// <summary>What follows an unreadable entry tells how many events it really had.</summary>
    private void ShortenLastGap(long end)
    {
        if (Gaps.IsEmpty || Gaps[^1].End != HeadOrdinal)
            return;
        var gap = Gaps[^1] with { Count = Math.Max(0, end - Gaps[^1].Start) };
        Gaps = gap.Count == 0 ? Gaps.RemoveAt(Gaps.Length - 1) : Gaps.SetItem(Gaps.Length - 1, gap);
    }
}
