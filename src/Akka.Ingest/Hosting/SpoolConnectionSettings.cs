namespace Akka.Ingest.Hosting;

using System.Data.Common;
using System.Globalization;
using LinqToDB.Interceptors;

/// <summary>
/// Sets what SQLite keeps per connection, each time one is opened, and refuses a connection that would commit without a flush.
/// </summary>
internal sealed class SpoolConnectionSettings(long walBytes, int pageSize) : ConnectionInterceptor
{
    private const long Full = 2;

    private static long _checked;
    private string? _settings;

    /// <summary>Connections checked so far in this process.</summary>
    internal static long Checked => Interlocked.Read(ref _checked);

    /// <summary>Anything but FULL is for a test that sees the check fail.</summary>
    internal string Synchronous { get; init; } = "FULL";

    // synchronous = FULL: a commit returns after the write-ahead log is flushed. All acknowledgements stand on this.
    // busy_timeout: wait for the writer in small steps. journal_size_limit: cut the log back after a long transaction.
    private string Settings => _settings ??= string.Create(
        CultureInfo.InvariantCulture,
        $"PRAGMA synchronous={Synchronous};PRAGMA busy_timeout=5000;PRAGMA wal_autocheckpoint={walBytes / pageSize};PRAGMA journal_size_limit={walBytes * 2}");

    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Settings;
        command.ExecuteNonQuery();
        command.CommandText = "PRAGMA synchronous";
        if (Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture) != Full)
            throw new InvalidOperationException("The journal connection is not synchronous=FULL.");
        Interlocked.Increment(ref _checked);
    }

    public override Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
    {
        // The driver has no asynchronous calls; these take microseconds.
        ConnectionOpened(eventData, connection);
        return Task.CompletedTask;
    }
}
