namespace Akka.Ingest.Stores.Files;

/// <summary>How the store in a folder works.</summary>
/// <param name="Folder">Holds one <c>YYYY-MM-DD.ndjson</c> a day, an index beside each, and the positions log.</param>
internal sealed record FileStoreSettings(string Folder)
{
    /// <summary>Queries that run at the same time.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Appends that wait at the same time share a write and a flush up to this many events.</summary>
    public int MaxGroupEvents { get; init; } = 20_000;

    /// <summary>… and up to this many bytes of records.</summary>
    public long MaxGroupBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>A file whose expired start has this share of it is rewritten without it …</summary>
    public double RewriteShare { get; init; } = 0.25;

    /// <summary>… and one of at most so many bytes whenever something of it has expired.</summary>
    public long AlwaysRewriteBytes { get; init; } = 16 * 1024 * 1024;
}
