namespace Akka.Ingest.Stores.Sql.SqlServer;

using System.Data;
using System.Globalization;
using Microsoft.Data.SqlClient;

/// <param name="Name">Name without the at sign.</param>
/// <param name="Type">Its type on the server.</param>
/// <param name="Size">Bytes or characters of a type that has a length.</param>
/// <param name="TableType">Name of the table type, for <see cref="SqlDbType.Structured"/>.</param>
internal sealed record SqlServerParameter(string Name, SqlDbType Type, int Size = 0, string? TableType = null)
{
    public static SqlServerParameter BigInt(string name) => new(name, SqlDbType.BigInt);
    public static SqlServerParameter Int(string name) => new(name, SqlDbType.Int);
    public static SqlServerParameter TinyInt(string name) => new(name, SqlDbType.TinyInt);
    public static SqlServerParameter Date(string name) => new(name, SqlDbType.Date);
    public static SqlServerParameter Spool(string name) => new(name, SqlDbType.Binary, 16);
    public static SqlServerParameter Bytes(string name, int size) => new(name, SqlDbType.VarBinary, size);
    public static SqlServerParameter Text(string name, int size) => new(name, SqlDbType.NVarChar, size);
    public static SqlServerParameter Table(string name, string type) => new(name, SqlDbType.Structured, TableType: type);

    /// <summary>As a procedure would declare it; the tests check every statement with it.</summary>
    public string Declaration => TableType is not null
        ? $"@{Name} {TableType} READONLY"
        : string.Create(CultureInfo.InvariantCulture, $"@{Name} {Type.ToString().ToLowerInvariant()}{(Size == 0 ? "" : $"({Size})")}");

    public SqlParameter With(object? value)
    {
        var parameter = new SqlParameter("@" + Name, Type) { Value = value ?? DBNull.Value };
        if (Size > 0)
            parameter.Size = Size;
        if (TableType is not null)
        {
            parameter.TypeName = TableType;
            // A table without rows is given as no value at all.
            parameter.Value = value;
        }

        return parameter;
    }
}

/// <summary>
/// A statement with its parameters. Values go to the server as parameters only, so the texts are few, their plans are kept, and the
/// tests can list and check each of them (<see cref="SqlServerStatements"/>).
/// </summary>
internal sealed class SqlServerStatement(string name, string text, params SqlServerParameter[] parameters)
{
    /// <summary>Unique among the statements; letters, digits and underscores.</summary>
    public string Name { get; } = name;

    public string Text { get; } = text;

    public IReadOnlyList<SqlServerParameter> Parameters { get; } = parameters;

    /// <param name="values">One for each parameter, in their order.</param>
    public SqlCommand CreateCommand(SqlConnection connection, SqlTransaction? transaction, TimeSpan limit, params ReadOnlySpan<object?> values)
    {
        if (values.Length != Parameters.Count)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{Name} takes {Parameters.Count} values, {values.Length} were given."), nameof(values));
#pragma warning disable CA2100 // All texts are constants of this folder; values are parameters.
        var command = new SqlCommand(Text, connection, transaction) { CommandTimeout = Math.Max(1, (int)Math.Ceiling(limit.TotalSeconds)) };
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
            command.Parameters.Add(Parameters[i].With(values[i]));
        return command;
    }
}
