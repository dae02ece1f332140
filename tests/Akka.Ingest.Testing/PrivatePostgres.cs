namespace Akka.Ingest.Testing;

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

/// <summary>
/// A PostgreSQL server for tests: on a free loopback port, in a folder of its own that is deleted at the end, however the test process
/// ends. Tests share <see cref="SharedAsync"/> and each take a database of their own; who stops and starts a server makes one.
/// </summary>
/// <remarks>
/// Fails where PostgreSQL's server programs are missing; it never skips. As root the server runs as user <c>postgres</c>.
/// </remarks>
public sealed class PrivatePostgres : IAsyncDisposable
{
    private const string User = "postgres";
    private const string Password = "only-for-tests";
    private const int PortAttempts = 5;
    private static readonly Lazy<Task<PrivatePostgres>> Shared = new(() => StartAsync());
    private readonly PostgresTools _tools;
    private readonly string _folder;
    private readonly bool _isDurable;
    private readonly Process _guard;
    private int _databases;

    private PrivatePostgres(PostgresTools tools, string folder, bool isDurable, Process guard)
    {
        _tools = tools;
        _folder = folder;
        _isDurable = isDurable;
        _guard = guard;
    }

    public int Port { get; private set; }

    /// <summary>The server that the tests of this process share: they neither stop nor dispose it.</summary>
    public static Task<PrivatePostgres> SharedAsync() => Shared.Value;

    /// <summary>Makes and starts a server.</summary>
    /// <param name="isDurable">Flushes to disk as in production; otherwise only a crash of the whole machine could tell the difference.</param>
    /// <exception cref="InvalidOperationException">The programs are missing, or the server does not start; the message has its log.</exception>
    public static async Task<PrivatePostgres> StartAsync(bool isDurable = false)
    {
        var tools = PostgresTools.Find();
        var folder = Path.Combine(Path.GetTempPath(), "ingest-pg-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(folder);
        var server = new PrivatePostgres(tools, folder, isDurable, tools.StartGuard(folder));
        try
        {
            var passwordFile = Path.Combine(folder, "password");
            await File.WriteAllTextAsync(passwordFile, Password);
            await tools.GiveAsync(folder);
            await tools.RunAsync(
                folder, "initdb", "-D", server.DataFolder, "-U", User, $"--pwfile={passwordFile}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8",
                "--no-sync", "--no-instructions");
            await server.StartOnFreePortAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private string DataFolder => Path.Combine(_folder, "data");

    /// <summary>Makes an empty database and returns its connection string.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE template0");
        return ConnectionString(name);
    }

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = User,
        Password = Password,
        Database = database,
        Timeout = 5,
        IncludeErrorDetail = false,
    }.ToString();

    /// <summary>Stops the server as a power failure would: connections break, nothing is written any more.</summary>
    public Task KillAsync() => _tools.RunAsync(_folder, "pg_ctl", "-D", DataFolder, "-s", "-w", "-m", "immediate", "stop");

    /// <summary>Starts it again after <see cref="KillAsync"/>, on the same port.</summary>
    public Task RestartAsync() => StartServerAsync();

    /// <summary>Breaks every connection to the database; returns how many there were.</summary>
    public async Task<long> TerminateBackendsAsync(string connectionString)
    {
        var database = new NpgsqlConnectionStringBuilder(connectionString).Database!;
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = @database";
        command.Parameters.AddWithValue("database", database);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Stops the server and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }

    private async Task StartOnFreePortAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            Port = FindFreePort();
            try
            {
                await StartServerAsync();
                return;
            }
            catch (InvalidOperationException) when (attempt < PortAttempts)
            {
                // Somebody else took the port between finding and binding it.
            }
        }
    }

    private Task StartServerAsync()
    {
        var options = string.Create(CultureInfo.InvariantCulture, $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c max_connections=300");
        if (!_isDurable)
            options += " -c fsync=off -c full_page_writes=off";
        return _tools.RunAsync(_folder, "pg_ctl", "-D", DataFolder, "-s", "-w", "-t", "60", "-l", Path.Combine(_folder, "log"), "-o", options, "start");
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
