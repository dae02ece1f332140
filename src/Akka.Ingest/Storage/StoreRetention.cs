namespace Akka.Ingest.Storage;

/// <summary>What a store holds of one UTC day of receipt.</summary>
/// <param name="Day">Day of <see cref="StoredEvent.ReceivedAt"/>, never of what a client dates.</param>
/// <param name="Events">Events held.</param>
/// <param name="Bytes">
/// What they take on disk, indexes included; an estimate where days share pages. It falls at once with what is removed, also where the
/// engine frees the space later: retention by size goes by it.
/// </param>
/// <param name="LowestTimestamp">Earliest timestamp among them, ticks UTC; may be earlier once part of the day was removed.</param>
/// <param name="HighestTimestamp">Latest timestamp among them, ticks UTC; may be later once part of the day was removed.</param>
public sealed record StoredDay(DateOnly Day, long Events, long Bytes, long LowestTimestamp, long HighestTimestamp)
{
    public static DateOnly Of(DateTime receivedAt) => DateOnly.FromDateTime(receivedAt);
}

/// <summary>Asks a store to remove events of a day, in order of arrival.</summary>
/// <param name="Day">UTC day of receipt.</param>
/// <param name="Events">
/// How many of the oldest, at least 1; <see cref="WholeDay"/> for all. A store whose unit of removal is a segment removes whole units,
/// as many as it takes.
/// </param>
public sealed record ExpireRequest(DateOnly Day, long Events = ExpireRequest.WholeDay)
{
    public const long WholeDay = long.MaxValue;

    public bool IsWholeDay => Events == WholeDay;
}

/// <summary>What one step removed.</summary>
/// <param name="Events">Events removed by this call.</param>
/// <param name="Bytes">About as many bytes were freed for reuse or given back to the file system.</param>
/// <param name="IsComplete">False when the request is not fulfilled yet; repeat it with what is left to remove.</param>
public sealed record ExpiredEvents(long Events, long Bytes, bool IsComplete);

/// <summary>One row of a store's ledger. Moved in the transaction that writes or removes the events.</summary>
/// <param name="SpoolId">Spool the events came through.</param>
/// <param name="ApiKeyId">Key that sent them; empty for none.</param>
/// <param name="Stored">Events in the store now.</param>
/// <param name="Expired">Events that retention removed.</param>
public sealed record StoredCounts(Guid SpoolId, string ApiKeyId, long Stored, long Expired);
