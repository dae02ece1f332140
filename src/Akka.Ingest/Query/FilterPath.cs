namespace Akka.Ingest.Query;

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Akka.Ingest.Model;

/// <summary>What a filter can speak about.</summary>
public enum FilterName : byte
{
    Message = EventField.Message,
    MessageTemplate = EventField.MessageTemplate,
    Exception = EventField.Exception,
    TraceId = EventField.TraceId,
    SpanId = EventField.SpanId,
    Source = EventField.Source,
    Host = EventField.Host,
    Environment = EventField.Environment,
    Category = EventField.Category,
    Body = EventField.Body,
    Headers = EventField.Headers,
    Properties = EventField.Properties,
    Level = 32,
    Timestamp = 33,
    ReceivedAt = 34,
    Id = 35,
    ApiKeyId = 36,
}

/// <summary>One step into a JSON value: a member by its exact name, or an array element by its 0-based index.</summary>
/// <param name="Member">Unescaped UTF-8; null for an index.</param>
public sealed record FilterStep(byte[]? Member, int Index)
{
    public static FilterStep ToMember(string name) => new(Encoding.UTF8.GetBytes(name), -1);
    public static FilterStep ToElement(int index) => new(null, index);

    public override string ToString()
    {
        if (Member is null)
            return $"[{Index.ToString(CultureInfo.InvariantCulture)}]";
        var name = Encoding.UTF8.GetString(Member);
        return name.Length > 0 && name.All(FilterSyntax.IsMemberCharacter)
            ? "." + name
            : "['" + name.Replace("'", "''", StringComparison.Ordinal) + "']";
    }
}

/// <summary>A field of the event, or a place inside one of its JSON fields.</summary>
public sealed record FilterPath(FilterName Name, ImmutableArray<FilterStep> Steps)
{
    public bool IsJson => Name is FilterName.Body or FilterName.Headers or FilterName.Properties;

    /// <summary>True where the name is one of the record's byte fields.</summary>
    public bool IsField => Name <= FilterName.Properties;

    public static FilterPath To(FilterName name) => new(name, []);

    public override string ToString() => FilterSyntax.TextOf(Name) + string.Concat(Steps);
}
