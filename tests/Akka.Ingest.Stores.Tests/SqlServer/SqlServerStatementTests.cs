namespace Akka.Ingest.Stores.Tests.SqlServer;

using System.Data;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Akka.Ingest.Stores.Sql;
using Akka.Ingest.Stores.Sql.SqlServer;
using Xunit;

/// <summary>Every statement of the store against the schema that its migrations make, without a server.</summary>
public sealed class SqlServerStatementTests
{
    [Fact]
    public void Every_statement_parses_and_names_only_what_the_schema_has()
    {
        using var checker = CreateChecker();
        foreach (var statement in SqlServerStatements.All)
            checker.AddStatement(statement);
        checker.AddStatement(new SqlServerStatement("migrator_version", SqlMigrator.ReadVersion));

        var problems = checker.Check();
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void Every_statement_has_a_name_of_its_own()
    {
        var names = SqlServerStatements.All.Select(statement => statement.Name).ToArray();

        Assert.Equal(names.Distinct(), names);
    }

    [Theory]
    [InlineData("SELECT e.nothing FROM dbo.Events AS e", "nothing")]
    [InlineData("SELECT e.level FROM dbo.Nowhere AS e", "Nowhere")]
    [InlineData("SELECT e.level FROM dbo.Events AS e LIMIT 5", "syntax")]
    [InlineData("SELECT e.level FROM dbo.Events AS e WHERE e.level = @missing", "@missing")]
    [InlineData("SELECT e.level FROM dbo.Events AS e WITH (INDEX (Events_Id), SKIPLOCKED)", "SKIPLOCKED")]
    [InlineData("INSERT INTO dbo.Counters (name, val) VALUES ('a', 1)", "val")]
    [InlineData("UPDATE dbo.Counters SET vale = 1", "vale")]
    [InlineData("DELETE FROM dbo.Counters WHERE nam = 'a'", "nam")]
    [InlineData("INSERT INTO dbo.Counters (name, value) VALUES ('a')", "2 columns and gives 1")]
    [InlineData("INSERT INTO dbo.Counters (name, value) SELECT 'a', 1, 2", "2 columns and gives 3")]
    [InlineData("SELECT e.level, COUNT(*) AS n FROM dbo.Events AS e", "e.level is neither grouped")]
    [InlineData("SELECT e.level, e.day, COUNT(*) AS n FROM dbo.Events AS e GROUP BY e.level", "e.day is neither grouped")]
    [InlineData("SELECT LENGTHX(e.record) AS n FROM dbo.Events AS e", "LENGTHX")]
    [InlineData("SELECT spool FROM dbo.Events AS e INNER JOIN dbo.Appends AS a ON a.day = e.day", "may be of more than one table")]
    [InlineData("SELECT CAST(e.level AS text2) AS x FROM dbo.Events AS e", "text2")]
    [InlineData("EXECUTE dbo.sp_getaplock", "sp_getaplock")]
    [InlineData("EXECUTE sp_getapplock @Resorce = N'x'", "@Resorce")]
    [InlineData("SELECT d.nme FROM sys.databases AS d", "nme")]
    public void A_broken_statement_does_not_pass(string text, string problem)
    {
        using var checker = CreateChecker();
        checker.AddStatement(new SqlServerStatement("broken", text));

        Assert.Contains(checker.Check(), found => found.Contains(problem, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void A_parameter_that_is_not_used_does_not_pass()
    {
        using var checker = CreateChecker();
        checker.AddStatement(new SqlServerStatement("broken", "SELECT 1 AS one", new SqlServerParameter("spare", SqlDbType.Int)));

        Assert.Contains(checker.Check(), found => found.Contains("@spare is not used", StringComparison.Ordinal));
    }

    /// <summary>Otherwise something could be sent that nobody checks.</summary>
    [Fact]
    public void Statements_are_made_and_sent_in_few_places()
    {
        var folder = Path.Combine(FindRoot(), "src", "Akka.Ingest.Stores", "Sql", "SqlServer");
        var files = Directory.GetFiles(folder, "*.cs").ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

        Assert.Equal(["SqlServerStatement.cs"], FilesWith(@"new SqlCommand\(|CommandText|CreateCommand\(\)"));
        Assert.All(FilesWith(@"new SqlServerStatement\(|SqlServerStatement \w+ = new\("), file => Assert.EndsWith("Sql.cs", file, StringComparison.Ordinal));
        Assert.All(FilesWith("\"(SELECT|INSERT|UPDATE|DELETE|MERGE|ALTER|DROP|EXEC)"), file => Assert.EndsWith("Sql.cs", file, StringComparison.Ordinal));

        string[] FilesWith(string pattern) => [.. files.Where(file => Regex.IsMatch(file.Value, pattern)).Select(file => file.Key)];
    }

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        var folder = Path.GetDirectoryName(thisFile)!;
        while (!File.Exists(Path.Combine(folder, "Akka.Ingest.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Akka.Ingest.sln was not found above this file.");
        return folder;
    }

    internal static TransactSqlChecker CreateChecker()
    {
        var checker = new TransactSqlChecker();
        foreach (var migration in SqlServerSchema.Migrations)
            checker.AddBatch(migration.Sql);

        checker.AddBatch(SqlServerAdminSql.VersionsTable);
        checker.AddBatch(SqlServerAdminSql.CreateColumnstore.Text);
        return checker;
    }
}
