namespace Akka.Ingest.Stores.Tests.SqlServer;

using System.Text;
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
    // The model has no system objects, and finds no index that a statement drops.
    private static readonly string[] Known =
    [
        "to object [sys].[databases]", "to object [sys].[tables]", "to object [sys].[objects]", "to object [sys].[indexes]",
        "to object [sys].[dm_db_partition_stats]", "to object [sys].[dm_db_index_physical_stats]", "to object [sp_getapplock]",
        "to object [dbo].[sp_getapplock]", "to object [dbo].[Events].[Events_Columns]",
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
            .Where(message => !Known.Any(name => message.Message.Contains(name, StringComparison.OrdinalIgnoreCase)))
            .Select(message => $"{message.MessageType} {message.Prefix}{message.Number} {message.Message}");
        return [.. _problems, .. found.Distinct()];
    }

    public void Dispose() => _model.Dispose();

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
