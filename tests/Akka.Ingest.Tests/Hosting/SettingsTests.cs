namespace Akka.Ingest.Tests.Hosting;

using Akka.Ingest.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

public sealed class SettingsTests
{
    private const string Ha = "Storage:Deployment:Profile=OnPremHa;Storage:Deployment:NodeMode=MultiWriter";
    private const string Pg = "Storage:Provider=PostgreSql;Storage:ConnectionString=Host=db;Spool:Provider=PostgreSql";
    private const string Joined = "Cluster:Enabled=true;Cluster:Hostname=n1;Cluster:SeedNodes:0=n1:4053";

    [Theory]
    [InlineData("")]
    [InlineData("Storage:Provider=sqlite")]
    [InlineData("Storage:Provider=File")]
    [InlineData("Storage:Provider=Segmented")]
    [InlineData("Storage:Provider=PostgreSql;Storage:ConnectionString=Host=db")]
    [InlineData("Storage:Provider=SqlServer;Storage:ConnectionString=Server=db")]
    [InlineData(Pg)]
    [InlineData(Ha + ";" + Pg + ";" + Joined)]
    [InlineData("Storage:Deployment:Profile=CloudHa;Storage:Deployment:NodeMode=MultiWriter;Storage:Provider=SqlServer;Storage:ConnectionString=Server=db;Spool:Provider=SqlServer;Spool:ConnectionString=Server=db;" + Joined)]
    [InlineData("Storage:IngestionPipeline:MaxRequestsPerMinutePerApiKey=0")]
    [InlineData("ApiKeys:0:Id=a;ApiKeys:0:Key=k;ApiKeys:0:Scopes:0=Ingest;ApiKeys:0:Quota:EventsPerDay=5;ApiKeys:0:MinimumLevel=warning")]
    [InlineData("Redaction:Patterns:card=\\d{16};Redaction:SensitiveKeys:0=iban;Redaction:Mask=")]
    [InlineData("Storage:Retention:Enabled=true;Storage:Retention:MaxAgeDays=30;Storage:Retention:MaxSizeBytes=1000000000000")]
    [InlineData("Otlp:GrpcPort=0")]
    public void Good_settings_are_taken(string settings)
    {
        var (mistakes, warnings) = Check(settings);
        Assert.Empty(mistakes);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("Storage:Provider=Postgres", "Storage:Provider = \"Postgres\" is not allowed. Allowed: Sqlite, File, Segmented, PostgreSql, SqlServer.")]
    [InlineData("Storage:Provider=3", "Storage:Provider = \"3\" is not allowed.")]
    [InlineData("Storage:Provider=", "Storage:Provider = \"\" is not allowed.")]
    [InlineData("Storage:IngestionPipeline:BatchSize=0", "Storage:IngestionPipeline:BatchSize = \"0\" is not allowed. Allowed: a whole number from 1 to 100000.")]
    [InlineData("Storage:IngestionPipeline:QueueCapacity=many", "Storage:IngestionPipeline:QueueCapacity = \"many\" is not allowed. Allowed: a whole number from 1 to 1000000000000.")]
    [InlineData("Storage:IngestionPipeline:MaxHoldMs=1.5", "MaxHoldMs = \"1.5\" is not allowed.")]
    [InlineData("Storage:IngestionPipeline:Partitions=65", "Partitions = \"65\" is not allowed.")]
    [InlineData("Storage:Path=", "Storage:Path = \"\" is not allowed.")]
    [InlineData("Storage:Deployment:Profile=Cloud", "Allowed: SingleNode, OnPremHa, CloudHa.")]
    [InlineData("Storage:Deployment:NodeMode=MultiWriter;" + Pg + ";" + Joined, "Storage:Deployment:NodeMode = \"MultiWriter\" is not allowed. Storage:Deployment:Profile SingleNode takes SingleWriter")]
    [InlineData("Storage:Deployment:Profile=OnPremHa;" + Pg + ";" + Joined, "Storage:Deployment:NodeMode = \"SingleWriter\" is not allowed.")]
    [InlineData("Storage:Deployment:Profile=CloudHa;" + Pg + ";" + Joined, "Storage:Deployment:NodeMode = \"SingleWriter\" is not allowed.")]
    [InlineData(Ha + ";" + Pg, "Cluster:Enabled = \"false\" is not allowed.")]
    [InlineData(Ha + ";" + Joined, "Storage:Provider = \"Sqlite\" is not allowed. This store takes one writer.")]
    [InlineData(Ha + ";Storage:Provider=File;" + Joined, "Storage:Provider = \"File\" is not allowed.")]
    [InlineData(Ha + ";Storage:Provider=Segmented;" + Joined, "Storage:Provider = \"Segmented\" is not allowed.")]
    [InlineData(Ha + ";Storage:Provider=PostgreSql;Storage:ConnectionString=Host=db;" + Joined, "Spool:Provider = \"Sqlite\" is not allowed.")]
    [InlineData(Ha + ";Storage:Provider=PostgreSql;Storage:ConnectionString=Host=db;Spool:Provider=SqlServer;Spool:ConnectionString=x;" + Joined, "Spool:Provider = \"SqlServer\" is not allowed.")]
    [InlineData("Storage:Provider=PostgreSql", "Storage:ConnectionString is not set.")]
    [InlineData("Spool:Provider=PostgreSql", "Spool:ConnectionString is not set.")]
    [InlineData("Cluster:Enabled=perhaps", "Cluster:Enabled = \"perhaps\" is not allowed. Allowed: true, false.")]
    [InlineData("Cluster:Enabled=true;Cluster:Hostname=n1;Cluster:SeedNodes:0=n1", "Cluster:SeedNodes:0 = \"n1\" is not allowed.")]
    [InlineData("Cluster:SeedNodes=n1:4053", "Cluster:SeedNodes = \"n1:4053\" is not allowed. Allowed: a list")]
    [InlineData("Otlp:GrpcPort=70000", "Otlp:GrpcPort = \"70000\" is not allowed.")]
    [InlineData("ApiKeys:0:Id=a;ApiKeys:0:Key=k1;ApiKeys:1:Id=A;ApiKeys:1:Key=k2", "ApiKeys:1:Id = \"A\" is not allowed. Another key has this name")]
    [InlineData("ApiKeys:0:Key=k", "ApiKeys:0:Id is not set.")]
    [InlineData("ApiKeys:0:Id=a", "ApiKeys:0:Key is not set.")]
    [InlineData("ApiKeys:0:Id=a;ApiKeys:0:KeyHash=xyz", "ApiKeys:0:KeyHash = \"***\" is not allowed.")]
    [InlineData("ApiKeys:0:Id=a;ApiKeys:0:Key=k;ApiKeys:0:Scopes:0=write", "ApiKeys:0:Scopes:0 = \"write\" is not allowed. Allowed: ingest, read, admin.")]
    [InlineData("ApiKeys:0:Id=a;ApiKeys:0:Key=k;ApiKeys:0:MinimumLevel=Loud", "ApiKeys:0:MinimumLevel = \"Loud\" is not allowed.")]
    [InlineData("Redaction:Patterns:card=(", "Redaction:Patterns:card = \"(\" is not allowed. Allowed: a regular expression.")]
    [InlineData("Storage:Retention:MaxAgeDays=0", "Storage:Retention:MaxAgeDays = \"0\" is not allowed.")]
    public void Each_mistake_is_named_with_key_value_and_what_is_allowed(string settings, string expected)
    {
        var (mistakes, _) = Check(settings);
        Assert.Contains(mistakes, mistake => mistake.ToString().Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var (mistakes, _) = Check("Storage:Provider=x;Storage:IngestionPipeline:BatchSize=x;Otlp:GrpcPort=x");
        Assert.Equal(
            new HashSet<string> { "Storage:Provider", "Storage:IngestionPipeline:BatchSize", "Otlp:GrpcPort" },
            mistakes.Select(mistake => mistake.Key).ToHashSet());
    }

    [Fact]
    public void A_key_that_nobody_reads_is_a_warning()
    {
        var (mistakes, warnings) = Check("Storage:IngestionPipeline:BatchSise=5;Redaction:Patterns:any name=x");
        Assert.Empty(mistakes);
        Assert.StartsWith("Storage:IngestionPipeline:BatchSise is no setting", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SingleNode", NodeMode.SingleWriter, StorageProvider.Sqlite)]
    [InlineData("OnPremHa", NodeMode.MultiWriter, StorageProvider.PostgreSql)]
    [InlineData("CloudHa", NodeMode.MultiWriter, StorageProvider.PostgreSql)]
    public void Each_shipped_profile_file_is_read_and_binds(string profile, NodeMode mode, StorageProvider provider)
    {
        var options = Bind($"Storage:Deployment:Profile={profile};Storage:ConnectionString=Host=db;" + Joined);
        Assert.Equal((mode, provider), (options.Deployment.NodeMode, options.Provider));
    }

    [Fact]
    public void Environment_and_command_line_win_over_the_profile_file()
    {
        var options = Bind($"{Ha};Storage:Provider=SqlServer;Spool:Provider=SqlServer;Storage:ConnectionString=Server=db;{Joined}");
        Assert.Equal(StorageProvider.SqlServer, options.Provider);
    }

    [Fact]
    public void The_spool_uses_the_connection_of_a_store_of_the_same_kind()
    {
        var builder = Builder(Pg);
        builder.AddIngestSettings();
        using var app = builder.Services.BuildServiceProvider();
        Assert.Equal("Host=db", app.GetRequiredService<IOptions<SpoolOptions>>().Value.ConnectionString);
    }

    [Fact]
    public void Wrong_settings_stop_the_start_with_exit_code_78()
    {
        var exception = Assert.Throws<SettingsException>(() => Builder("Storage:Provider=x;Otlp:GrpcPort=x").AddIngestSettings());
        var failure = StartFailure.Of(exception);
        Assert.Equal(78, failure!.ExitCode);
        Assert.Equal(2, failure.Messages.Count);
    }

    private static StorageOptions Bind(string settings)
    {
        var builder = Builder(settings);
        builder.AddIngestSettings();
        using var provider = builder.Services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<StorageOptions>>().Value;
    }

    private static WebApplicationBuilder Builder(string settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory,
            Args = [.. settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(setting => $"--{setting}")],
        });
        return builder;
    }

    private static (IReadOnlyList<SettingsMistake> Mistakes, IReadOnlyList<string> Warnings) Check(string settings) => SettingsCheck.Run(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(setting =>
        {
            var parts = setting.Split('=', 2);
            return KeyValuePair.Create(parts[0], (string?)parts[1]);
        })).Build());
}
