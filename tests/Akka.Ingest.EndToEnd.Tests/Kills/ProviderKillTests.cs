namespace Akka.Ingest.EndToEnd.Tests.Kills;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Xunit;
using Xunit.Abstractions;

/// <summary>The same promises with every other store behind the server.</summary>
public sealed class ProviderKillTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private static readonly int Kills = Math.Max(8, KillCampaign.Number("INGEST_KILLS", 8));

    [Theory]
    [InlineData("File")]
    [InlineData("Segmented")]
    [InlineData("PostgreSql")]
    public async Task Every_acknowledged_event_is_in_the_store_exactly_once_whenever_the_server_is_killed(string provider)
    {
        var server = await StartServerAsync(await ProviderSettings.ForAsync(provider));
        Output.WriteLine(await new KillCampaign(Kills, TimeSpan.FromMilliseconds(1_200)).RunAsync(server));
    }
}
