namespace Akka.Ingest.Tests.Rules;

using System.Text.RegularExpressions;
using Xunit;

/// <summary>Which folder may know which: the reading order of docs/architecture.md.</summary>
public sealed class LayerRules
{
    /// <summary>Folders and files that are pure: they know neither actors nor HTTP.</summary>
    [Theory]
    [InlineData("src/Akka.Ingest/Model", "*.cs")]
    [InlineData("src/Akka.Ingest/Parsing", "*.cs")]
    [InlineData("src/Akka.Ingest/Redaction", "*.cs")]
    [InlineData("src/Akka.Ingest", "*State.cs")]
    [InlineData("src/Akka.Ingest", "RetryPolicy.cs")]
    public void Pure_files_know_no_actors_and_no_http(string folder, string pattern)
    {
        var files = RepositoryFiles.Find(folder, pattern).ToList();
        Assert.NotEmpty(files);
        Assert.Empty(Violations(files, @"using (Akka\.(?!Ingest)|Microsoft\.AspNetCore|System\.Net)"));
    }

    [Theory]
    [InlineData("Model", "Http|Parsing|Redaction|Spool|Delivery|Storage|Query|Operations|Hosting")]
    [InlineData("Redaction", "Http|Parsing|Spool|Delivery|Storage|Query|Operations")]
    [InlineData("Parsing", "Http|Spool|Delivery|Storage|Query|Operations")]
    [InlineData("Storage", "Http|Parsing|Redaction|Spool|Delivery|Operations")]
    [InlineData("Spool", "Http|Parsing|Redaction|Delivery|Query|Operations")]
    [InlineData("Delivery", "Http|Parsing|Redaction|Query|Operations")]
    public void A_folder_does_not_know_what_comes_before_it(string folder, string forbidden) =>
        Assert.Empty(Violations(RepositoryFiles.Find($"src/Akka.Ingest/{folder}", "*.cs"), $@"using Akka\.Ingest\.({forbidden})\b"));

    [Fact]
    public void Stores_know_only_the_model_the_storage_contract_and_the_query_plan() =>
        Assert.Empty(Violations(
            RepositoryFiles.Find("src/Akka.Ingest.Stores", "*.cs"),
            @"using Akka\.(?!Ingest)|using Akka\.Ingest\.(Http|Parsing|Redaction|Spool|Delivery|Operations)\b|using Microsoft\.AspNetCore"));

    [Fact]
    public void Database_drivers_live_in_the_stores_only() =>
        Assert.Empty(Violations(
            RepositoryFiles.Find("src/Akka.Ingest", "*.cs").Where(file => !file.Contains("Hosting", StringComparison.Ordinal)),
            @"using (Npgsql|Microsoft\.Data\.SqlClient|Microsoft\.Data\.Sqlite|DuckDB)"));

    private static IEnumerable<string> Violations(IEnumerable<string> files, string pattern)
    {
        var regex = new Regex(@"^\s*" + pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant);
        return from file in files
               from line in File.ReadLines(file)
               where regex.IsMatch(line)
               select $"{RepositoryFiles.Relative(file)}: {line.Trim()}";
    }
}
