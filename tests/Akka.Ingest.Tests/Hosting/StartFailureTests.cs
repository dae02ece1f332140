namespace Akka.Ingest.Tests.Hosting;

using Akka.Ingest.Hosting;
using Akka.Ingest.Tests.Http;
using Microsoft.AspNetCore.Builder;
using Xunit;

public sealed class StartFailureTests
{
    [Fact]
    public async Task An_address_in_use_is_a_message_that_says_what_to_do()
    {
        await using var host = await IngestHost.StartAsync();
        await using var second = WebApplication.CreateBuilder(["--urls", host.Address.ToString()]).Build();

        var exception = await Assert.ThrowsAnyAsync<IOException>(() => second.StartAsync());

        var failure = StartFailure.Of(exception);
        Assert.Equal(ExitCodes.AddressUnavailable, failure!.ExitCode);
        Assert.Contains("--urls", Assert.Single(failure.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bug_is_no_start_failure() => Assert.Null(StartFailure.Of(new InvalidOperationException()));
}
