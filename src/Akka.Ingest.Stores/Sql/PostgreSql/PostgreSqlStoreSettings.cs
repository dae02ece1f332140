namespace Akka.Ingest.Stores.Sql.PostgreSql;

/// <summary>How the database is used.</summary>
internal sealed record PostgreSqlStoreSettings(string ConnectionString)
{
    /// <summary>A second process that wants to write is refused while this one is connected.</summary>
    public bool IsSingleWriter { get; init; }

    /// <summary>New days keep the folded text of message and exception with a trigram index.</summary>
    public bool HasTextIndex { get; init; }

    /// <summary>Appends that run at the same time, each on a connection of its own; the server uses a core for each.</summary>
    public int Writers { get; init; } = 4;

    /// <summary>Queries that run at the same time.</summary>
    public int Readers { get; init; } = 8;

    /// <summary>An append that takes longer is given up as failed; whether it was written the next one learns from the position.</summary>
    public TimeSpan AppendLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a lock is waited for; a node that is cut off must not hold the others up for ever.</summary>
    public TimeSpan LockLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So many rows are walked in time order before an index is searched: what is frequent fills a page at once. 0 for none.</summary>
    public int ProbeRows { get; init; } = 2_000;

    /// <summary>Rows are sent to the server in pieces of about this size.</summary>
    public int CopyBytes { get; init; } = 128 * 1024;
}
