namespace Akka.Ingest.EndToEnd.Tests.Restarts;

using System.Globalization;
using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>Starts that must not happen, each with its own exit code and a message that says what to change.</summary>
public sealed class StartRefusalTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int FolderInUse = 75;
    private const int BadSettings = 78;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_second_single_writer_on_the_same_database_exits_75_and_names_the_first()
    {
        var settings = await ProviderSettings.ForAsync("PostgreSql");
        var first = await StartServerAsync(settings);
        using var elsewhere = new ServerFolder();
        var second = NewServer(new ServerSettings(settings) { ["Storage__Path"] = elsewhere.Data });
        second.Start();
        Assert.Equal(FolderInUse, await second.WaitForExitAsync(Limit));
        Assert.Contains(first.ProcessId.ToString(CultureInfo.InvariantCulture), second.Output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Password", second.Output.Text, StringComparison.OrdinalIgnoreCase);

        // Nothing is left behind by a process that died: the next one starts at once.
        await first.KillAsync();
        await second.StartReadyAsync();
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("File")]
    [InlineData("Segmented")]
    public async Task A_second_server_on_the_same_folder_exits_75_and_names_the_first(string provider)
    {
        var settings = new ServerSettings { ["Storage__Provider"] = provider };
        var first = await StartServerAsync(settings);
        var second = NewServer(settings);
        second.Start();
        Assert.Equal(FolderInUse, await second.WaitForExitAsync(Limit));
        Assert.Contains(first.ProcessId.ToString(CultureInfo.InvariantCulture), second.Output.Text, StringComparison.Ordinal);

        var ledger = new BatchLedger();
        using var client = new IngestClient(first.Url, ledger);
        Assert.Equal(200, (await client.SendAsync(10))!.Status);
        await new StoreReader(first).WaitDrainedAsync(ledger);
        await new StoreReader(first).CheckAsync(ledger);
    }

    [Theory]
    [InlineData("Storage__IngestionPipeline__BatchSize", "0", "BatchSize")]
    [InlineData("Storage__IngestionPipeline__MaxHoldMs", "soon", "MaxHoldMs")]
    [InlineData("Storage__Provider", "Floppy", "Storage:Provider")]
    [InlineData("Storage__Deployment__Profile", "Moon", "Storage:Deployment:Profile")]
    [InlineData("Storage__Deployment__NodeMode", "MultiWriter", "NodeMode")]
    public async Task Settings_that_cannot_work_exit_78_and_name_the_key(string name, string value, string named)
    {
        var server = NewServer(new ServerSettings { [name] = value });
        server.Start();
        Assert.Equal(BadSettings, await server.WaitForExitAsync(Limit));
        Assert.Contains(named, server.Output.Text, StringComparison.Ordinal);
        Assert.Contains(value, server.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_of_several_nodes_with_a_store_for_one_writer_exits_78_and_names_both()
    {
        var server = NewServer(new ServerSettings { ["Storage__Deployment__Profile"] = "OnPremHa", ["Storage__Provider"] = "Sqlite" });
        server.Start();
        Assert.Equal(BadSettings, await server.WaitForExitAsync(Limit));
        Assert.Contains("Storage:Provider", server.Output.Text, StringComparison.Ordinal);
        Assert.Contains("Sqlite", server.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_mistake_has_its_own_message()
    {
        var server = NewServer(ServerSettings.ForPipeline(("BatchSize", 0), ("MaxHoldMs", -1)));
        server.Start();
        Assert.Equal(BadSettings, await server.WaitForExitAsync(Limit));
        Assert.Contains("BatchSize", server.Output.Text, StringComparison.Ordinal);
        Assert.Contains("MaxHoldMs", server.Output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_number_of_partitions_on_the_same_spool_exits_78()
    {
        var server = await StartServerAsync(ServerSettings.ForPipeline(("Partitions", 2)));
        var ledger = new BatchLedger();
        using var client = new IngestClient(server.Url, ledger);
        await client.SendAsync(10);
        Assert.Equal(0, await server.TerminateAsync(TimeSpan.FromSeconds(10)));

        var other = NewServer(ServerSettings.ForPipeline(("Partitions", 3)));
        other.Start();
        Assert.Equal(BadSettings, await other.WaitForExitAsync(Limit));
        Assert.Contains("Partitions", other.Output.Text, StringComparison.Ordinal);

        await server.StartReadyAsync();
        await new StoreReader(server).WaitDrainedAsync(ledger);
        await new StoreReader(server).CheckAsync(ledger);
    }
}
