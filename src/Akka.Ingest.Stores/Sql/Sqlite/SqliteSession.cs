namespace Akka.Ingest.Stores.Sql.Sqlite;

using Microsoft.Data.Sqlite;
using SQLitePCL;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MaxStatements = 64;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = [];

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    public sqlite3 Handle => _connection.Handle ?? throw new ObjectDisposedException(nameof(SqliteSession));

    /// <summary>Opens the database.</summary>
    /// <param name="mayCreate">
    /// Make the file if it is not there. Only where the schema is made too: an empty file in place of one whose disk is away for a
    /// moment would be written to until the next start.
    /// </param>
    /// <exception cref="SqliteException">It cannot be opened, or does not take the settings that durability needs.</exception>
    public static SqliteSession Open(SqliteStoreSettings settings, bool isWriter, bool mayCreate = false)
    {
        // DefaultTimeout: commands retry on a lock for 30 s on top of the busy timeout if they are let; 0 would mean without end.
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = settings.DatabaseFile,
            Pooling = false,
            Mode = mayCreate ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite,
            DefaultTimeout = 1,
        };
        var session = new SqliteSession(new SqliteConnection(text.ToString()));
        try
        {
            session._connection.Open();
            raw.sqlite3_busy_timeout(session.Handle, (int)settings.BusyTimeout.TotalMilliseconds);
            if (isWriter && session.ReadInt64("PRAGMA page_count") == 0)
                session.Execute($"PRAGMA page_size = {settings.PageBytes}; PRAGMA auto_vacuum = INCREMENTAL");
            foreach (var pragma in isWriter ? WriterPragmas(settings) : ReaderPragmas(settings))
                session.Execute("PRAGMA " + pragma);

            // Both are per connection or per file and are refused silently; a store that is not durable must not start.
            if (isWriter && (session.ReadInt64("PRAGMA synchronous") != 2 || session.ReadText("PRAGMA journal_mode") != "wal"))
                throw new SqliteException("The database does not take journal_mode = WAL with synchronous = FULL.", raw.SQLITE_CANTOPEN);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>The prepared statement for <paramref name="sql"/>, made once and valid until <see cref="TrimStatements"/>.</summary>
    public SqliteStatement Prepare(string sql)
    {
        if (_statements.TryGetValue(sql, out var statement))
            return statement;
        return _statements[sql] = new SqliteStatement(Handle, sql);
    }

    public void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public long ReadInt64(string sql)
    {
        using var statement = new SqliteStatement(Handle, sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    public string ReadText(string sql)
    {
        using var statement = new SqliteStatement(Handle, sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>
    /// Bounds the memory of statements. Only between pieces of work: never while somebody holds one.
    /// </summary>
    public void TrimStatements()
    {
        if (_statements.Count > MaxStatements)
            ForgetStatements();
    }

    /// <summary>True inside a transaction.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(Handle) == 0;

    public void Dispose()
    {
        ForgetStatements();
        _connection.Dispose();
    }

    private void ForgetStatements()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
    }

    // page_size and auto_vacuum are set above: they count only before the first table exists, and need the write lock.
    private static string[] WriterPragmas(SqliteStoreSettings settings) =>
    [
        "journal_mode = WAL",
        "synchronous = FULL",
        $"cache_size = -{settings.WriterCacheKib}",
        $"wal_autocheckpoint = {settings.CheckpointBytes / settings.PageBytes}",
        $"journal_size_limit = {settings.MaxWalBytes}",
        "temp_store = MEMORY",
    ];

    private static string[] ReaderPragmas(SqliteStoreSettings settings) =>
    [
        "query_only = ON",
        $"cache_size = -{settings.ReaderCacheKib}",
        "temp_store = MEMORY",
    ];
}
