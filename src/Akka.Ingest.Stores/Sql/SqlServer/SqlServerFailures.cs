namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Globalization;
using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>What an error of the server or of the driver means for the writer.</summary>
internal static class SqlServerFailures
{
    /// <summary>Code of an exception that nobody foresaw.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>The driver's number for a command that took too long.</summary>
    public const int Timeout = -2;

    /// <summary>
    /// Only what is said about the data itself is permanent; every other error, known or not, may pass and is retried.
    /// </summary>
    public static StoreFailureKind KindOf(int number) => number switch
    {
        // Null where none may be, a violated key, constraint or range, text cut off, a value or row that does not fit.
        515 or 2627 or 2601 or 547 or 8152 or 2628 or 245 or 8114 or 8115 or 220 or 241 or 242 or 511 or 1946 or 4815 or 4863 =>
            StoreFailureKind.Permanent,

        // The service limits its load: workers, sessions, requests, memory for queries and locks.
        40501 or 49918 or 49919 or 49920 or 10928 or 10929 or 10922 or 701 or 8645 or 8651 or 1204 => StoreFailureKind.Throttled,
        _ => StoreFailureKind.Transient,
    };

    public static StoreFailure Of(SqlException exception) => Of(exception.Number, exception.Message, typeof(SqlException));

    public static StoreFailure Of(int number, string detail, Type type) => new(KindOf(number), CodeOf(number), detail, type.FullName!);

    public static StoreFailure Of(InvalidDataException exception) =>
        new(StoreFailureKind.Permanent, "invalid-record", exception.Message, typeof(InvalidDataException).FullName!);

    /// <summary>A connection that broke, or a driver that gave up before the server was asked.</summary>
    public static StoreFailure OfConnection(Exception exception) =>
        new(StoreFailureKind.Transient, "sqlserver:connection", exception.Message, exception.GetType().FullName!);

    public static StoreFailure TookTooLong() => new(
        StoreFailureKind.Throttled, "sqlserver:timeout", "The query took too long; ask for a shorter time range.", typeof(TimeoutException).FullName!);

    public static StoreException Refusal(string code, string detail) =>
        new(new StoreFailure(StoreFailureKind.Permanent, code, detail, typeof(StoreException).FullName!));

    /// <summary>True for what a driver throws when the server or the way to it is at fault, beside <see cref="SqlException"/>.</summary>
    public static bool IsConnection(Exception exception) =>
        exception is InvalidOperationException or IOException or System.Net.Sockets.SocketException or TimeoutException;

    private static string CodeOf(int number) => string.Create(CultureInfo.InvariantCulture, $"sqlserver:{number}");
}
