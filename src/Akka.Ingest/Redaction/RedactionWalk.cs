namespace Akka.Ingest.Redaction;

using System.Text.Json;

/// <summary>
/// Redacts the values of one request while a reader passes over them, and holds the scratch memory for it. What needs no
/// change is never copied. Not thread-safe.
/// </summary>
internal sealed class RedactionWalk(Redactor rules) : IDisposable
{
    /// <summary>JSON inside JSON text is entered this often; below that the text rules apply, which cover every level.</summary>
    private const int MaxTextLevels = 8;

    /// <summary>Nesting is counted by <see cref="DepthLimit"/>; the reader's own limit would end the whole body.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = int.MaxValue };

    /// <summary>Texts that only look like JSON cost an exception each; after so many a request gets the text rules alone.</summary>
    private const int MaxFailedTexts = 1_000;

    private readonly Stack<Utf8Buffer> _free = new();
    private int _failedTexts;

    public Redactor Rules => rules;

    /// <summary>Deepest nesting allowed, as the reader's depth; what goes deeper sets <see cref="IsTooDeep"/>.</summary>
    public int DepthLimit { get; set; } = int.MaxValue;

    public bool IsTooDeep { get; set; }

    /// <summary>
    /// Passes over the member (reader on its name) or value (reader on its first token) and leaves the reader on its last
    /// token. If anything had to be masked, appends <paramref name="source"/> from <paramref name="from"/> to the end of the
    /// value, masked, and returns true; otherwise appends nothing.
    /// </summary>
    /// <param name="source">What the reader reads.</param>
    /// <exception cref="JsonException">The JSON is malformed; what was appended until then is masked.</exception>
    public bool Redact(ref Utf8JsonReader reader, ReadOnlySpan<byte> source, int from, Utf8Buffer output, int level = 0)
    {
        var copied = from;
        var open = 0;
        if (reader.TokenType == JsonTokenType.PropertyName)
        {
            if (RedactName(ref reader, source, ref copied, output))
                return true;
            reader.Read();
        }

        while (true)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                case JsonTokenType.StartArray:
                    open++;
                    if (reader.CurrentDepth >= DepthLimit)
                        IsTooDeep = true;
                    break;
                case JsonTokenType.EndObject:
                case JsonTokenType.EndArray:
                    open--;
                    break;
                case JsonTokenType.PropertyName:
                    RedactName(ref reader, source, ref copied, output);
                    break;
                case JsonTokenType.String:
                    if (rules.MayConcern(reader.ValueSpan))
                        RedactString(ref reader, source, ref copied, output, level);
                    break;
                case JsonTokenType.Number:
                    if (rules.Patterns.Any)
                        RedactNumber(ref reader, source, ref copied, output);
                    break;
            }

            if (open <= 0)
                break;
            reader.Read();
        }

        if (copied == from)
            return false;
        output.Append(source[copied..(int)reader.BytesConsumed]);
        return true;
    }

    /// <summary>Redacts a whole text. Appends it and returns true if anything had to be masked; otherwise appends nothing.</summary>
    /// <param name="text">Unescaped, valid UTF-8.</param>
    public bool RedactText(ReadOnlySpan<byte> text, Utf8Buffer output, int level = 0)
    {
        var masked = Rent();
        try
        {
            var isChanged = LooksLikeJson(text) && MayHoldSecret(text) && RedactJsonText(text, masked, level);
            if (rules.Patterns.Any && rules.Patterns.TryMask(isChanged ? masked.Written : text, output))
                return true;
            if (isChanged)
                output.Append(masked.Written);
            return isChanged;
        }
        finally
        {
            Return(masked);
        }
    }

    /// <summary>For the reader on a sensitive name: appends the mask for its value, leaves the reader at the end of it.</summary>
    public bool RedactName(ref Utf8JsonReader reader, ReadOnlySpan<byte> source, ref int copied, Utf8Buffer output)
    {
        if (!rules.IsSensitive(ref reader))
            return false;
        reader.Read();
        output.Append(source[copied..(int)reader.TokenStartIndex]);
        output.Append(rules.MaskJson);
        copied = (int)reader.TokenStartIndex;
        for (var open = 0; ; reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                open++;
                if (reader.CurrentDepth >= DepthLimit)
                    IsTooDeep = true;
            }
            else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                open--;
            }

            if (open == 0)
                break;
        }

        copied = (int)reader.BytesConsumed;
        return true;
    }

    public void RedactString(ref Utf8JsonReader reader, ReadOnlySpan<byte> source, ref int copied, Utf8Buffer output, int level)
    {
        var text = Rent();
        var masked = Rent();
        try
        {
            var value = reader.ValueSpan;
            if (reader.ValueIsEscaped)
            {
                text.Advance(JsonText.Unescape(value, text.Reserve(value.Length)));
                value = text.Written;
            }

            if (!RedactText(value, masked, level))
                return;
            output.Append(source[copied..(int)reader.TokenStartIndex]);
            output.Append((byte)'"');
            JsonText.AppendEscaped(output, masked.Written);
            output.Append((byte)'"');
            copied = (int)reader.BytesConsumed;
        }
        finally
        {
            Return(text);
            Return(masked);
        }
    }

    public void Dispose()
    {
        while (_free.TryPop(out var buffer))
            buffer.Dispose();
    }

    internal Utf8Buffer Rent() => _free.TryPop(out var buffer) ? buffer : new Utf8Buffer();

    internal void Return(Utf8Buffer buffer)
    {
        buffer.Clear();
        _free.Push(buffer);
    }

    private void RedactNumber(ref Utf8JsonReader reader, ReadOnlySpan<byte> source, ref int copied, Utf8Buffer output)
    {
        var masked = Rent();
        if (rules.Patterns.TryMask(reader.ValueSpan, masked))
        {
            output.Append(source[copied..(int)reader.TokenStartIndex]);
            output.Append((byte)'"');
            JsonText.AppendEscaped(output, masked.Written);
            output.Append((byte)'"');
            copied = (int)reader.BytesConsumed;
        }

        Return(masked);
    }

    /// <summary>For a text that may hold a sensitive name: as JSON if it is JSON, else by the text rules.</summary>
    private bool RedactJsonText(ReadOnlySpan<byte> text, Utf8Buffer output, int level)
    {
        var (limit, tooDeep) = (DepthLimit, IsTooDeep);
        DepthLimit = int.MaxValue;
        try
        {
            if (level < MaxTextLevels && _failedTexts < MaxFailedTexts)
            {
                var reader = new Utf8JsonReader(text, ReaderOptions);
                reader.Read();
                var isChanged = Redact(ref reader, text, 0, output, level + 1);
                var end = (int)reader.BytesConsumed;
                if (!reader.Read())
                {
                    if (isChanged)
                        output.Append(text[end..]);
                    return isChanged;
                }
            }
        }
        catch (JsonException)
        {
            // No JSON after all, or JSON and then something else.
            _failedTexts++;
        }
        finally
        {
            (DepthLimit, IsTooDeep) = (limit, tooDeep);
        }

        output.Clear();
        if (!rules.TextRules.Finds(text))
            return false;
        rules.TextRules.Append(text, 0, output);
        return true;
    }

    /// <summary>False for most texts, which need not be parsed then. Escapes further inside could spell a name in any way.</summary>
    private bool MayHoldSecret(ReadOnlySpan<byte> text) => text.IndexOf("\\u"u8) >= 0 || rules.TextRules.Finds(text);

    /// <summary>True for what starts as an object, array or quoted JSON; a sensitive name in it needs a quote.</summary>
    private static bool LooksLikeJson(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(" \t\r\n"u8);
        if (text.Length < 2 || text[0] is not ((byte)'{' or (byte)'[' or (byte)'"'))
            return false;
        var second = text[1..].TrimStart(" \t\r\n\\"u8);
        if (second.IsEmpty)
            return false;
        return text[0] switch
        {
            (byte)'{' => second[0] == (byte)'"',
            (byte)'"' => second[0] is (byte)'{' or (byte)'[' or (byte)'"',
            _ => second[0] is (byte)'{' or (byte)'[' or (byte)'"' or (byte)'-' or (byte)'t' or (byte)'f' or (byte)'n'
                    || char.IsAsciiDigit((char)second[0]),
        } && second.Contains((byte)'"');
    }
}
