namespace Akka.Ingest.Delivery;

/// <summary>Dead-letter files as retention sees them.</summary>
/// <param name="Files">How many.</param>
/// <param name="Events">Letters in them.</param>
/// <param name="Bytes">Their size.</param>
public readonly record struct DeadLetterFiles(int Files, long Events, long Bytes);

/// <summary>Dead letters of one spool and API key.</summary>
/// <param name="SpoolId">Spool the events came through.</param>
/// <param name="ApiKeyId">Key that sent them; empty for none.</param>
/// <param name="Kept">Letters in the files.</param>
/// <param name="Expired">Letters that retention removed.</param>
public sealed record DeadLetterCounts(Guid SpoolId, string ApiKeyId, long Kept, long Expired);

/// <summary>What the ledger and retention ask of the dead letters.</summary>
public interface IDeadLetterRetention
{
    /// <summary>Dead letters by spool and API key since the directory was made.</summary>
    /// <exception cref="IOException">The files cannot be read.</exception>
    IReadOnlyList<DeadLetterCounts> ReadCounts();

    /// <summary>Files last written before <paramref name="before"/> (UTC) whose events are all settled.</summary>
    /// <param name="before">UTC.</param>
    /// <param name="settledOrdinal">Ordinal up to which a partition of a spool is settled: a letter before its position counts as never written.</param>
    DeadLetterFiles FindExpired(DateTime before, Func<Guid, int, long> settledOrdinal);

    /// <summary>Removes some of what <see cref="FindExpired"/> tells; nothing left gives 0 files. Their number goes to <see cref="ReadCounts"/>.</summary>
    DeadLetterFiles Expire(DateTime before, Func<Guid, int, long> settledOrdinal);
}
