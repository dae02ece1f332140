namespace Akka.Ingest.EndToEnd.Tests.Clients;

using Akka.Ingest.EndToEnd.Tests.Harness;
using Serilog;
using Xunit;
using Xunit.Abstractions;

/// <summary>The real Serilog.Sinks.Seq, in both of its modes.</summary>
public sealed class SerilogSeqTests(ITestOutputHelper output) : EndToEndTest(output)
{
    private const int Events = 2_500;

    [Fact]
    public async Task Serilog_delivers_every_event()
    {
        var server = await StartServerAsync();
        await using (var log = new LoggerConfiguration().WriteTo.Seq(server.Url.ToString(), period: TimeSpan.FromMilliseconds(100)).CreateLogger())
            Write(log);

        await AssertDeliveredAsync(server);
    }

    [Fact]
    public async Task Serilog_with_a_durable_buffer_delivers_every_event_although_the_server_is_killed_meanwhile()
    {
        var server = await StartServerAsync();
        var buffer = Path.Combine(Folder.Root, "serilog", "buffer");
        await using var log = new LoggerConfiguration()
            .WriteTo.Seq(server.Url.ToString(), bufferBaseFilename: buffer, period: TimeSpan.FromMilliseconds(100))
            .CreateLogger();
        log.Information("before the kill");
        await new StoreReader(server).WaitForCountAsync(1);
        await server.KillAsync();
        Write(log);
        await server.StartReadyAsync();

        await AssertDeliveredAsync(server);
    }

    private static void Write(ILogger log)
    {
        for (var n = 0; n < Events; n++)
        {
            if (n % 10 == 0)
                log.Warning(new InvalidOperationException($"failure {n}"), "Order {Number} of {Customer} failed", n, "a customer");
            else
                log.Information("Order {Number} of {Customer} taken, {@Lines}", n, "a customer", new { Count = 3, Total = 12.50m });
        }
    }

    private static async Task AssertDeliveredAsync(ServerProcess server)
    {
        var reader = new StoreReader(server);
        var query = "filter=" + Uri.EscapeDataString("has(properties.Number)");
        await reader.WaitForCountAsync(Events, query);
        var numbers = new List<int>();
        await foreach (var found in reader.ReadAllAsync(query))
        {
            var number = found.GetProperty("properties").GetProperty("Number").GetInt32();
            numbers.Add(number);
            Assert.Equal(number % 10 == 0 ? "Warning" : "Information", found.GetProperty("level").GetString());
            Assert.Equal(number % 10 == 0, found.TryGetProperty("exception", out _));
        }

        Assert.Equal(Enumerable.Range(0, Events), numbers);
        Assert.Equal(Events / 10, await reader.CountAsync("minLevel=Warning"));
    }
}
