namespace Akka.Ingest.Stores.Tests.SqlServer;

using System.Data;
using Akka.Ingest.Stores.Sql.SqlServer;
using Microsoft.Data.SqlClient.Server;
using Microsoft.SqlServer.Dac.Model;
using Xunit;

/// <summary>What is sent without a statement, bulk copies and table parameters, against the schema model.</summary>
public sealed class SqlServerTablesTests
{
    [Fact]
    public void A_bulk_copy_fills_every_column_that_has_no_default()
    {
        using var checker = SqlServerStatementTests.CreateChecker();
        Assert.Empty(checker.Check());
        var columns = ColumnsOf(checker.Model.GetObject(Table.TypeClass, new ObjectIdentifier("dbo", "Events"), DacQueryScopes.UserDefined), Table.Columns);

        Assert.Equal(columns.Keys.Where(name => name != "tenant"), EventRowReader.Columns);
        using var reader = new EventRowReader([]);
        for (var i = 0; i < reader.FieldCount; i++)
            Assert.Equal(ClrTypeOf(columns[reader.GetName(i)].Type), reader.GetFieldType(i));
    }

    [Theory]
    [InlineData("AppendRows")]
    [InlineData("CountRows")]
    [InlineData("DayRows")]
    public void A_table_parameter_has_the_columns_of_its_type_in_their_order(string type)
    {
        using var checker = SqlServerStatementTests.CreateChecker();
        Assert.Empty(checker.Check());
        var columns = ColumnsOf(checker.Model.GetObject(TableType.TypeClass, new ObjectIdentifier("dbo", type), DacQueryScopes.UserDefined), TableType.Columns);
        var sent = type switch
        {
            "AppendRows" => SqlServerTables.AppendColumns,
            "CountRows" => SqlServerTables.CountColumns,
            _ => SqlServerTables.DayColumns,
        };

        Assert.Equal(columns.Select(column => (column.Key, column.Value.Type, column.Value.Length)), sent.Select(column => (column.Name, column.SqlDbType.ToString().ToLowerInvariant(), LengthOf(column))));
    }

    private static int LengthOf(SqlMetaData column) => column.SqlDbType is SqlDbType.Binary or SqlDbType.VarBinary ? (int)column.MaxLength : 0;

    private static Dictionary<string, (string Type, int Length)> ColumnsOf(TSqlObject owner, ModelRelationshipClass columns) =>
        owner.GetReferenced(columns).ToDictionary(column => column.Name.Parts[^1], TypeOf);

    private static (string Type, int Length) TypeOf(TSqlObject column) => column.ObjectType == Column.TypeClass
        ? (column.GetReferenced(Column.DataType).Single().Name.Parts[^1], column.GetProperty<int>(Column.Length))
        : (column.GetReferenced(TableTypeColumn.DataType).Single().Name.Parts[^1], column.GetProperty<int>(TableTypeColumn.Length));

    private static Type ClrTypeOf(string type) => type switch
    {
        "bigint" => typeof(long),
        "tinyint" => typeof(byte),
        "date" => typeof(DateTime),
        "binary" or "varbinary" => typeof(byte[]),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such column is copied."),
    };
}
