namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Text;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Query;
using Npgsql;
using NpgsqlTypes;

/// <summary>
/// The conditions of a plan that the database can ask itself, as SQL with parameters. None refuses an event that the filter would take;
/// <see cref="IsExact"/> says when they also take none that it refuses.
/// </summary>
internal sealed class PostgreSqlConditions
{
    private readonly StringBuilder _sql = new();
    private readonly List<string> _indexes = [];
    private readonly List<(string Name, object Value, NpgsqlDbType Type)> _parameters = [];

    /// <param name="hasText">All days of the query keep the folded text.</param>
    public PostgreSqlConditions(LogQueryPlan plan, bool hasText)
    {
        IsExact = plan.AreHintsComplete;
        foreach (var hint in plan.Hints)
            IsExact &= Add(hint, hasText);
    }

    /// <summary>"" or " AND …" on table alias e.</summary>
    public string Sql => _sql.ToString();

    /// <summary>Indexes other than that on time which serve the conditions; empty where none does.</summary>
    public IReadOnlyList<string> Indexes => _indexes;

    /// <summary>True when the rows that fulfil the conditions and are not opaque are the matches, no more and no less.</summary>
    public bool IsExact { get; }

    /// <summary>True when opaque rows are let through and must be asked one by one.</summary>
    public bool LetsOpaqueThrough { get; private set; }

    /// <summary>Gives a command the values that <see cref="Sql"/> names.</summary>
    public void Bind(NpgsqlCommand command)
    {
        foreach (var (name, value, type) in _parameters)
            command.Parameters.AddWithValue(name, type, value);
    }

    private bool Add(LogQueryHint hint, bool hasText)
    {
        switch (hint)
        {
            case LogQueryHint.FieldIn fields:
                _sql.Append(" AND e.").Append(SqlColumns.Fields[(int)fields.Field]).Append(" = ANY (").Append(Parameter(fields.Values.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Bytea)).Append(')');
                if (fields.Field == EventField.TraceId)
                    _indexes.Add(PostgreSqlIndexStrategy.Trace);
                return true;
            case LogQueryHint.JsonEquals { Field: EventField.Properties } equals:
                return AddProperty(equals);
            case LogQueryHint.TextContains text when hasText && PostgreSqlText.IsServed(text.Folded):
                _sql.Append(" AND e.text_index LIKE ").Append(Parameter(PostgreSqlText.PatternOf(text.Folded), NpgsqlDbType.Text));
                _indexes.Add(PostgreSqlIndexStrategy.Text);
                return false;
            default:
                return false;
        }
    }

    private bool AddProperty(LogQueryHint.JsonEquals equals)
    {
        if (ContainedJson(equals) is not { } json)
            return false;
        _sql.Append(" AND (e.property_index @> ").Append(Parameter(json, NpgsqlDbType.Jsonb)).Append(" OR e.opaque)");
        _indexes.Add(PostgreSqlIndexStrategy.Properties);
        LetsOpaqueThrough = true;

        // [{"b":1}] is contained in any array with such an element, wherever it stands.
        return equals.Steps.All(step => step.Member is not null);
    }

    // {"a":{"b":value}} for a.b = value; null for what jsonb cannot hold.
    private static string? ContainedJson(LogQueryHint.JsonEquals equals)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            foreach (var step in equals.Steps)
            {
                if (step.Member is null)
                {
                    json.WriteStartArray();
                    continue;
                }

                json.WriteStartObject();
                json.WritePropertyName(step.Member);
            }

            switch (equals.Value)
            {
                case FilterLiteral.Text text:
                    json.WriteStringValue(text.Utf8);
                    break;
                case FilterLiteral.Number number when JsonbText.IsNumberTaken(number.Digits):
                    json.WriteRawValue(number.Digits);
                    break;
                case FilterLiteral.Boolean boolean:
                    json.WriteBooleanValue(boolean.Value);
                    break;
                default:
                    return null;
            }

            for (var i = equals.Steps.Length - 1; i >= 0; i--)
            {
                if (equals.Steps[i].Member is null)
                    json.WriteEndArray();
                else
                    json.WriteEndObject();
            }
        }

        var bytes = buffer.ToArray();
        return JsonbText.IsTaken(bytes) ? Encoding.UTF8.GetString(bytes) : null;
    }

    private string Parameter(object value, NpgsqlDbType type)
    {
        var name = $"hint{_parameters.Count}";
        _parameters.Add((name, value, type));
        return "@" + name;
    }
}
