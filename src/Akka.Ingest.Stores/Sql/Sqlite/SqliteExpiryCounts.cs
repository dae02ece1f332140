namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Text;

/// <summary>Moves what a step removes from DayCounts to ExpiredCounts, in the step's transaction.</summary>
internal sealed class SqliteExpiryCounts(SqliteSession session)
{
    private readonly Dictionary<(int Spool, string ApiKeyId), long> _removed = [];
    private readonly SqliteStatement _take = session.Prepare(
        "UPDATE DayCounts SET bytes = bytes - CAST(bytes * 1.0 * min(?1, stored) / max(1, stored) AS INTEGER), stored = max(0, stored - ?1) " +
        "WHERE day = ?2 AND spool = ?3 AND api_key = ?4");
    private readonly SqliteStatement _give = session.Prepare(
        "INSERT INTO ExpiredCounts (spool, api_key, expired) VALUES (?, ?, ?) ON CONFLICT (spool, api_key) DO UPDATE SET expired = expired + excluded.expired");
    private readonly SqliteStatement _advance = session.Prepare("UPDATE DayCounts SET arrival_min = max(arrival_min, ?) WHERE day = ?");
    private readonly SqliteStatement _giveRest = session.Prepare(
        "INSERT INTO ExpiredCounts (spool, api_key, expired) SELECT spool, api_key, stored FROM DayCounts WHERE day = ? AND stored > 0 " +
        "ON CONFLICT (spool, api_key) DO UPDATE SET expired = expired + excluded.expired");
    private readonly SqliteStatement _drop = session.Prepare("DELETE FROM DayCounts WHERE day = ? AND (stored = 0 OR ?)");
    private byte[] _apiKeyBytes = [];
    private string _apiKey = "";

    public void Begin() => _removed.Clear();

    public void Add(int spoolNumber, ReadOnlySpan<byte> apiKeyId)
    {
        if (!apiKeyId.SequenceEqual(_apiKeyBytes))
        {
            _apiKeyBytes = apiKeyId.ToArray();
            _apiKey = Encoding.UTF8.GetString(apiKeyId);
        }

        var key = (spoolNumber, _apiKey);
        _removed[key] = _removed.GetValueOrDefault(key) + 1;
    }

    /// <param name="day">The day removed from.</param>
    /// <param name="nextArrival">No row of the day lies before it.</param>
    /// <param name="isDayOver">
    /// Nothing of the day is left. What is still counted was altered on disk so that it is not found under its day; it is never served,
    /// and it expires with its day.
    /// </param>
    public void Move(long day, long nextArrival, bool isDayOver)
    {
        foreach (var ((spool, apiKeyId), events) in _removed)
        {
            var key = Encoding.UTF8.GetBytes(apiKeyId);
            _take.Bind(1, events);
            _take.Bind(2, day);
            _take.Bind(3, spool);
            _take.Bind(4, key);
            _take.Execute();
            _give.Bind(1, spool);
            _give.Bind(2, key);
            _give.Bind(3, events);
            _give.Execute();
        }

        if (isDayOver)
        {
            _giveRest.Bind(1, day);
            _giveRest.Execute();
        }

        _drop.Bind(1, day);
        _drop.Bind(2, isDayOver ? 1 : 0);
        _drop.Execute();
        _advance.Bind(1, nextArrival);
        _advance.Bind(2, day);
        _advance.Execute();
    }
}
