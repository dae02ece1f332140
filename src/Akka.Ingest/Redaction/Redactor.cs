namespace Akka.Ingest.Redaction;

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;

/// <summary>
/// The rules of redaction, made once from the options and shared by all requests. Thread-safe; the work on one request is
/// done by a <see cref="RedactionWalk"/>.
/// </summary>
public sealed class Redactor
{
    private static readonly string[] FieldNames =
        ["message", "messageTemplate", "exception", "traceId", "spanId", "source", "host", "environment", "category", "body", "headers", "properties"];

    private readonly SensitiveNames _names;

    /// <summary>Bit n: the configured keys cover field n itself.</summary>
    private readonly int _maskedFields;

    /// <exception cref="ArgumentException">A pattern is no regular expression; the message names its key.</exception>
    public Redactor(RedactionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _names = new SensitiveNames(DefaultSensitiveKeys.All.Concat(options.SensitiveKeys));
        MaskText = Encoding.UTF8.GetBytes(options.Mask);
        MaskJson = Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(options.Mask, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"");
        MaxBodyLength = options.MaxBodyLength;
        Patterns = new RedactionPatterns(options.Patterns, options.Mask);
        TextRules = new TextRules(_names, MaskText);
        for (var field = 0; field < EventFields.Count; field++)
        {
            if (_names.Contains(Encoding.UTF8.GetBytes(FieldNames[field])))
                _maskedFields |= 1 << field;
        }
    }

    /// <summary>Longest body kept, in bytes of JSON.</summary>
    internal int MaxBodyLength { get; }

    /// <summary>The mask as text.</summary>
    internal byte[] MaskText { get; }

    /// <summary>The mask as a JSON string, quotes included.</summary>
    internal byte[] MaskJson { get; }

    internal RedactionPatterns Patterns { get; }
    internal TextRules TextRules { get; }

    /// <param name="name">Unescaped UTF-8.</param>
    internal bool IsSensitive(ReadOnlySpan<byte> name) => _names.Contains(name);

    /// <summary>The same for the property name the reader stands on.</summary>
    internal bool IsSensitive(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return _names.Contains(reader.ValueSpan);
        var escaped = reader.ValueSpan;
        var target = escaped.Length <= 256 ? stackalloc byte[256] : new byte[escaped.Length];
        return _names.Contains(target[..JsonText.Unescape(escaped, target)]);
    }

    /// <summary>True when the configuration names a field of the event itself; none of the default keys does.</summary>
    internal bool MasksField(EventField field) => (_maskedFields & (1 << (int)field)) != 0;

    /// <summary>A first look that lets nearly every text pass at the cost of one comparison.</summary>
    /// <param name="text">Unescaped or the inside of a JSON string.</param>
    internal bool MayConcern(ReadOnlySpan<byte> text) =>
        Patterns.Any || (text.Length > 1 && text[0] is <= (byte)' ' or (byte)'{' or (byte)'[' or (byte)'"' or (byte)'\\');
}
