namespace Akka.Ingest.EndToEnd.Tests.Restarts;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Microsoft.Data.Sqlite;
using Xunit;
using Xunit.Abstractions;

public sealed class TrimAndKillTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int Partitions = 4;

    /// <summary>A partition keeps its last row, so that it does not count anew, and its marks of ownership since the last snapshot.</summary>
    private const int RowsLeftPerPartition = 3;

    /// <summary>A journal that is empty but for its last rows must not begin to count anew.</summary>
    [Fact]
    public async Task After_everything_was_trimmed_a_kill_and_a_restart_continue_the_numbers()
    {
        var ledger = new BatchLedger();
        var server = await StartServerAsync(new ServerSettings { ["Spool__SnapshotIntervalMs"] = "100" });
        for (var round = 0; round < 4; round++)
        {
            using var client = new IngestClient(server.Url, ledger);
            for (var n = 0; n < 30; n++)
                await client.SendAsync(200);
            await new StoreReader(server).WaitDrainedAsync(ledger);
            await WaitTrimmedAsync(server);
            await server.KillAsync();
            await server.StartReadyAsync();
        }

        Output.WriteLine((await new StoreReader(server).CheckAsync(ledger)).ToString());
    }

    private async Task WaitTrimmedAsync(ServerProcess server)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(Folder.Spool, "spool.db"),
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        };
        await using var connection = new SqliteConnection(settings.ToString());
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM journal";
        long rows = 0;
        for (var attempt = 0; attempt < 600; attempt++)
        {
            rows = (long)(await command.ExecuteScalarAsync())!;
            if (rows <= Partitions * RowsLeftPerPartition)
                return;
            await Task.Delay(50);
        }

        throw server.Failed($"{rows} rows are left in the journal although everything is stored.");
    }
}
