namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>A walk whose rows bring their records along, so that a match is read once.</summary>
internal abstract class SqlServerWalk(SqlServerMatcher matcher) : ISqlWalk
{
    private const long ChunkBytes = 16 * 1024 * 1024;
    private const int SmallestChunk = 64;
    private readonly Queue<StoredEvent> _found = new();
    private List<SqlScannedRow> _matches = [];
    private long _scanned;

    protected SqlScannedRow Last { get; set; }

    public async Task<SqlChunk> NextAsync(int rows, CancellationToken cancellationToken)
    {
        _found.Clear();
        _matches = [];
        var before = _scanned;
        var isExhausted = await ReadAsync(Bound(rows), cancellationToken);
        return new SqlChunk(_matches, _scanned - before, Last, isExhausted);
    }

    public Task AddAsync(IReadOnlyList<SqlScannedRow> rows, LogPageBuilder page, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            if (page.IsFull)
                break;
            page.Add(_found.Dequeue(), row.Place);
        }

        return Task.CompletedTask;
    }

    /// <summary>Looks at the next rows; true when nothing comes after them.</summary>
    protected abstract Task<bool> ReadAsync(int rows, CancellationToken cancellationToken);

    protected void Look(SqlDataReader row, long place)
    {
        _scanned++;
        Last = SqlServerMatcher.RowOf(row, place);
        if (matcher.Match(row) is not { } stored)
            return;
        _matches.Add(Last);
        _found.Enqueue(stored);
    }

    // Large records: fewer rows at a time, by the average so far.
    private int Bound(int rows)
    {
        if (_scanned == 0 || matcher.RecordBytes == 0)
            return rows;
        var fitting = ChunkBytes / Math.Max(1, matcher.RecordBytes / _scanned);
        return (int)Math.Clamp(fitting, Math.Min(SmallestChunk, rows), rows);
    }
}
