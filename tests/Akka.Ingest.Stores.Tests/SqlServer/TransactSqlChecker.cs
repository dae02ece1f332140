namespace Akka.Ingest.Stores.Tests.SqlServer;

using System.Text;
using System.Text.RegularExpressions;
using Akka.Ingest.Stores.Sql.SqlServer;
using Microsoft.SqlServer.Dac.Model;
using Microsoft.SqlServer.TransactSql.ScriptDom;

/// <summary>
/// Checks statements without a server: Microsoft's parser for SQL Server 2022 must take them, and Microsoft's schema model, which
/// holds the tables that the migrations make, must know every table, column, type and variable in them. Warnings count as errors.
/// What the model does not see is asked by <see cref="TransactSqlRules"/>.
/// </summary>
/// <remarks>
/// Not found this way: types that clash, conversions that fail, plans, locks, and what a statement does. Each statement is checked as
/// the body of a procedure that declares its parameters.
/// </remarks>
internal sealed class TransactSqlChecker : IDisposable
{
    // The model has no system objects, and finds no index that a statement drops. Columns as the engine's documentation names them.
    private static readonly string[] Known =
    [
        "[sys].[databases]", "[sys].[databases].[name]", "[sys].[databases].[database_id]", "[sys].[databases].[delayed_durability]",
        "[sys].[databases].[snapshot_isolation_state]",
        "[sys].[tables]", "[sys].[tables].[name]", "[sys].[tables].[schema_id]",
        "[sys].[objects]", "[sys].[objects].[name]", "[sys].[objects].[object_id]", "[sys].[objects].[schema_id]",
        "[sys].[indexes]", "[sys].[indexes].[name]", "[sys].[indexes].[object_id]", "[sys].[indexes].[index_id]",
        "[sys].[dm_db_partition_stats]", "[sys].[dm_db_partition_stats].[object_id]", "[sys].[dm_db_partition_stats].[index_id]",
        "[sys].[dm_db_partition_stats].[reserved_page_count]", "[sys].[dm_db_partition_stats].[used_page_count]",
        "[sys].[dm_db_partition_stats].[row_count]",
        "[sys].[dm_db_index_physical_stats]", "[sys].[dm_db_index_physical_stats].[index_id]",
        "[sys].[dm_db_index_physical_stats].[alloc_unit_type_desc]", "[sys].[dm_db_index_physical_stats].[page_count]",
        "[sys].[dm_db_index_physical_stats].[avg_fragmentation_in_percent]",
        "[sp_getapplock]", "[dbo].[sp_getapplock]", "[dbo].[sp_getapplock].[@Resource]", "[dbo].[sp_getapplock].[@LockMode]",
        "[dbo].[sp_getapplock].[@LockOwner]", "[dbo].[sp_getapplock].[@LockTimeout]",
        "[dbo].[Events].[Events_Columns]",
    ];

    private readonly TSqlModel _model = new(SqlServerVersion.Sql160, new TSqlModelOptions());
    private readonly List<string> _problems = [];
    private readonly StringBuilder _definitions = new();

    /// <summary>The model; the definitions of tables, views and types in it.</summary>
    public TSqlModel Model => _model;

    /// <summary>Takes the definitions in a batch of a migration into the model and checks the rest as statements.</summary>
    public void AddBatch(string batch)
    {
        if (Parse("migration", batch) is not TSqlScript script)
            return;
        foreach (var statement in script.Batches.SelectMany(part => part.Statements))
        {
            var text = batch.Substring(statement.StartOffset, statement.FragmentLength);
            if (statement is InsertStatement or UpdateStatement or DeleteStatement)
                AddStatement(new SqlServerStatement($"migration_{statement.StartOffset}", text));
            else
                _definitions.Append(text).Append("\nGO\n");
        }
    }

    public void AddStatement(SqlServerStatement statement)
    {
        var parameters = string.Join(", ", statement.Parameters.Select(parameter => parameter.Declaration));
        var text = $"CREATE PROCEDURE dbo.[{statement.Name}] {parameters} AS BEGIN\n{statement.Text}\nEND";
        if (Parse(statement.Name, text) is not { } script)
            return;
        _problems.AddRange(TransactSqlRules.Check(script, statement).Select(problem => $"{statement.Name}: {problem}"));
        AddToModel(statement.Name, text);
    }

    /// <summary>Everything found, one line each.</summary>
    public IReadOnlyList<string> Check()
    {
        // In one piece: an index is not found a table in a piece before.
        AddToModel("migrations", _definitions.ToString());
        var found = _model.Validate()
            .Where(message => !IsKnown(message))
            .Select(message => $"{message.MessageType} {message.Prefix}{message.Number} {message.Message}");
        return [.. _problems, .. found.Distinct()];
    }

    public void Dispose() => _model.Dispose();

    // "… unresolved reference to object A", or "… any of the following objects: A, B or C".
    private static bool IsKnown(DacModelMessage message) =>
        message.Number == 71502 && Known.Any(name => Regex.IsMatch(message.Message, @"(object|objects:|,|or) (\[\w+\]\.)?" + Regex.Escape(name) + @"(,|\.$| or)"));

    private TSqlFragment? Parse(string name, string text)
    {
        var script = new TSql160Parser(initialQuotedIdentifiers: true).Parse(new StringReader(text), out var errors);
        _problems.AddRange(errors.Select(error => $"{name}: syntax {error.Number} in line {error.Line}: {error.Message}"));
        return errors.Count == 0 ? script : null;
    }

    private void AddToModel(string name, string text)
    {
        try
        {
            _model.AddObjects(text);
        }
        catch (DacModelException exception)
        {
            _problems.AddRange(exception.Messages.Select(message => $"{name}: {message.Prefix}{message.Number} {message.Message}"));
        }
    }
}
