namespace Akka.Ingest.Stores.Tests.SqlServer;

using Akka.Ingest.Stores.Sql.SqlServer;
using Microsoft.SqlServer.TransactSql.ScriptDom;

/// <summary>Mistakes that the schema model lets pass and a look at the parsed statement finds.</summary>
internal sealed class TransactSqlRules : TSqlFragmentVisitor
{
    private static readonly string[] Aggregates = ["COUNT", "COUNT_BIG", "SUM", "MIN", "MAX"];
    private static readonly string[] Functions =
    [
        .. Aggregates, "COALESCE", "DATALENGTH", "POWER", "DB_ID", "OBJECT_ID", "SCHEMA_ID", "SYSUTCDATETIME", "APPLOCK_MODE", "SUBSTRING", "DATEADD",
    ];

    private readonly List<string> _problems = [];

    public static IReadOnlyList<string> Check(TSqlFragment script, SqlServerStatement statement)
    {
        var rules = new TransactSqlRules();
        script.Accept(rules);
        var used = new VariableNames();
        script.Accept(used);
        return
        [
            .. rules._problems,
            .. statement.Parameters.Where(parameter => used.Count("@" + parameter.Name) == 0).Select(parameter => $"parameter @{parameter.Name} is not used"),
        ];
    }

    public override void Visit(FunctionCall node)
    {
        if (node.CallTarget is null && !Functions.Contains(node.FunctionName.Value, StringComparer.OrdinalIgnoreCase))
            _problems.Add($"function {node.FunctionName.Value} is not among those known");
    }

    public override void Visit(InsertSpecification node)
    {
        var rows = node.InsertSource switch
        {
            ValuesInsertSource values => values.RowValues.Select(row => row.ColumnValues.Count),
            SelectInsertSource { Select: QuerySpecification query } => [query.SelectElements.Count],
            _ => [],
        };
        foreach (var count in rows.Where(count => count != node.Columns.Count))
            _problems.Add($"INSERT names {node.Columns.Count} columns and gives {count} values");
    }

    public override void Visit(OutputIntoClause node)
    {
        if (node.IntoTableColumns.Count != node.SelectColumns.Count)
            _problems.Add($"OUTPUT gives {node.SelectColumns.Count} values for {node.IntoTableColumns.Count} columns");
    }

    public override void Visit(QuerySpecification node)
    {
        if (node.FromClause is { } from && CountTables(from) > 1)
        {
            var columns = new Columns();
            node.Accept(columns);
            foreach (var column in columns.Found.Where(column => column.MultiPartIdentifier?.Identifiers.Count == 1))
                _problems.Add($"column {TextOf(column)} may be of more than one table; name its table");
        }

        CheckGrouping(node);
    }

    private void CheckGrouping(QuerySpecification query)
    {
        var grouped = query.GroupByClause?.GroupingSpecifications.OfType<ExpressionGroupingSpecification>().Select(item => TextOf(item.Expression)).ToHashSet(StringComparer.Ordinal);
        var aggregates = new AggregateCalls();
        foreach (var element in query.SelectElements)
            element.Accept(aggregates);
        if (grouped is null && !aggregates.Any)
            return;
        foreach (var element in query.SelectElements.OfType<SelectScalarExpression>().Where(element => grouped?.Contains(TextOf(element.Expression)) != true))
        {
            var loose = new LooseColumns();
            element.Accept(loose);
            foreach (var column in loose.Found.Select(TextOf).Where(column => grouped?.Contains(column) != true))
                _problems.Add($"column {column} is neither grouped nor inside an aggregate");
        }
    }

    private static int CountTables(FromClause from)
    {
        var tables = new TableReferences();
        from.Accept(tables);
        return tables.Count;
    }

    private static string TextOf(TSqlFragment fragment) =>
        string.Concat(Enumerable.Range(fragment.FirstTokenIndex, fragment.LastTokenIndex - fragment.FirstTokenIndex + 1)
            .Select(index => fragment.ScriptTokenStream[index]).Where(token => token.TokenType != TSqlTokenType.WhiteSpace).Select(token => token.Text));

    private static bool IsAggregate(FunctionCall call) =>
        call.OverClause is null && Aggregates.Contains(call.FunctionName.Value, StringComparer.OrdinalIgnoreCase);

    private sealed class VariableNames : TSqlFragmentVisitor
    {
        private readonly List<string> _names = [];

        public int Count(string name) => _names.Count(found => string.Equals(found, name, StringComparison.OrdinalIgnoreCase));

        public override void Visit(VariableReference node) => _names.Add(node.Name);
    }

    private sealed class Columns : TSqlFragmentVisitor
    {
        public List<ColumnReferenceExpression> Found { get; } = [];

        public override void Visit(ColumnReferenceExpression node)
        {
            if (node.ColumnType == ColumnType.Regular)
                Found.Add(node);
        }

        // Names of its own.
        public override void ExplicitVisit(QueryDerivedTable node)
        {
        }
    }

    private sealed class TableReferences : TSqlFragmentVisitor
    {
        public int Count { get; private set; }

        public override void Visit(TableReferenceWithAlias node) => Count++;
    }

    private sealed class AggregateCalls : TSqlFragmentVisitor
    {
        public bool Any { get; private set; }

        public override void Visit(FunctionCall node) => Any |= IsAggregate(node);

        public override void ExplicitVisit(ScalarSubquery node)
        {
        }
    }

    private sealed class LooseColumns : TSqlFragmentVisitor
    {
        public List<ColumnReferenceExpression> Found { get; } = [];

        public override void Visit(ColumnReferenceExpression node)
        {
            if (node.ColumnType == ColumnType.Regular)
                Found.Add(node);
        }

        public override void ExplicitVisit(FunctionCall node)
        {
            if (!IsAggregate(node))
                base.ExplicitVisit(node);
        }

        public override void ExplicitVisit(ScalarSubquery node)
        {
        }
    }
}
