namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Globalization;
using Akka.Ingest.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

/// <summary>What an SQLite error means for the writer.</summary>
internal static class SqliteFailures
{
    /// <summary>
    /// Only what is said about the data itself is permanent; every other error, known or not, may pass and is retried.
    /// </summary>
    public static StoreFailureKind KindOf(int code) => code switch
    {
        raw.SQLITE_CONSTRAINT or raw.SQLITE_TOOBIG or raw.SQLITE_MISMATCH => StoreFailureKind.Permanent,
        _ => StoreFailureKind.Transient,
    };

    /// <summary>True when the connection may be left in a state that only a new one cures.</summary>
    public static bool NeedsNewConnection(int code) =>
        code is raw.SQLITE_ERROR or raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB or raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY
            or raw.SQLITE_SCHEMA or raw.SQLITE_NOMEM or raw.SQLITE_MISUSE;

    public static StoreFailure Of(SqliteException exception) => new(
        KindOf(exception.SqliteErrorCode),
        string.Create(CultureInfo.InvariantCulture, $"sqlite:{exception.SqliteErrorCode}"),
        exception.Message,
        typeof(SqliteException).FullName!);

    public static StoreFailure Of(InvalidDataException exception) =>
        new(StoreFailureKind.Permanent, "invalid-record", exception.Message, typeof(InvalidDataException).FullName!);

    public static StoreFailure Of(IOException exception) =>
        new(StoreFailureKind.Transient, "io", exception.Message, exception.GetType().FullName!);
}
