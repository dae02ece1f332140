namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Globalization;
using Akka.Ingest.Storage;
using Npgsql;

/// <summary>What an error of PostgreSQL or of the way to it means for the writer.</summary>
internal static class PostgreSqlFailures
{
    /// <summary>Trouble of the store, in whatever shape the driver reports it.</summary>
    public static bool IsStoreTrouble(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or System.Net.Sockets.SocketException or OperationCanceledException
            or InvalidOperationException { InnerException: NpgsqlException } or ObjectDisposedException;

    /// <summary>The exception as a failure. Messages carry no connection string and no data: details of the server are left out.</summary>
    public static StoreFailure Of(Exception exception) => exception switch
    {
        PostgresException server => new(KindOf(server), "postgresql:" + server.SqlState, Describe(server), typeof(PostgresException).FullName!),
        InvalidDataException data => new(StoreFailureKind.Permanent, "invalid-record", data.Message, typeof(InvalidDataException).FullName!),
        OperationCanceledException or TimeoutException or NpgsqlException { InnerException: TimeoutException } => new(
            StoreFailureKind.Transient, "postgresql:timeout", "PostgreSQL did not answer in time.", exception.GetType().FullName!),
        NpgsqlException driver => new(StoreFailureKind.Transient, "postgresql:connection", driver.Message, driver.GetType().FullName!),
        _ => new(StoreFailureKind.Transient, "postgresql:unexpected", exception.Message, exception.GetType().FullName!),
    };

    public static StoreException Thrown(Exception exception) => new(Of(exception), exception);

    /// <summary>While opening nothing is said about events: whatever the server refuses, an administrator may mend while events wait.</summary>
    public static StoreException Opening(Exception exception) => new(Of(exception) with { Kind = StoreFailureKind.Transient }, exception);

    /// <summary>
    /// Only what is said about the data itself is permanent: class 22, and class 23 where a row of events violates a constraint. Every
    /// other error, known or not, may pass and is retried; so does a constraint on the store's own rows, for no event is to blame.
    /// </summary>
    private static StoreFailureKind KindOf(PostgresException server)
    {
        var isData = server.SqlState.StartsWith("22", StringComparison.Ordinal);
        var isRow = server.SqlState.StartsWith("23", StringComparison.Ordinal) && server.TableName?.StartsWith("events", StringComparison.Ordinal) == true;
        return isData || isRow ? StoreFailureKind.Permanent : StoreFailureKind.Transient;
    }

    // The text of class 22 quotes values ("invalid input syntax for type json: …"), so it is not passed on.
    private static string Describe(PostgresException server) => server.SqlState.StartsWith("22", StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"PostgreSQL does not take the data: SQLSTATE {server.SqlState}, column {server.ColumnName ?? "unknown"}.")
        : server.MessageText;
}
