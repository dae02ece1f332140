namespace Akka.Ingest.Parsing;

using System.Text.Json;
using Akka.Ingest.Redaction;

/// <summary>
/// The members that an event's format has no field for, collected to become its <c>properties</c>. Names and values are
/// copied as they were sent, after redaction.
/// </summary>
internal sealed class DraftMembers(RedactionWalk walk) : IDisposable
{
    private readonly Utf8Buffer _json = new();

    public bool IsEmpty => _json.Length == 0;

    public void Clear() => _json.Clear();

    /// <summary>Adds the member whose name the reader stands on.</summary>
    public void Add(ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        Separate();
        AddFrom((int)reader.TokenStartIndex, ref reader, source);
    }

    /// <summary>The same without the first character of the name, an at sign.</summary>
    public void AddWithoutAt(ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        Separate();
        _json.Append((byte)'"');
        var at = (int)reader.TokenStartIndex + 1;
        AddFrom(at + (source[at] == (byte)'\\' ? 6 : 1), ref reader, source);
    }

    /// <summary>Adds the value that the reader stands on; its member starts at <paramref name="name"/>.</summary>
    public void Add(int name, ref Utf8JsonReader reader, ReadOnlySpan<byte> source, bool mask)
    {
        Separate();
        if (mask)
        {
            _json.Append(source[name..(int)reader.TokenStartIndex]);
            _json.Append(walk.Rules.MaskJson);
            reader.Skip();
        }
        else
        {
            AddFrom(name, ref reader, source);
        }
    }

    /// <summary>Adds the value that the reader stands on under a name of ours.</summary>
    public void Add(ReadOnlySpan<byte> name, ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        Separate();
        AppendName(name);
        AddFrom((int)reader.TokenStartIndex, ref reader, source);
    }

    /// <summary>Adds a member that was read before: a field that the event gives a second time.</summary>
    /// <param name="member">Name, colon and value.</param>
    /// <param name="value">Where in it the value starts.</param>
    public void AddEarlier(ReadOnlySpan<byte> member, int value, bool mask)
    {
        if (value == 0)
            return;
        Separate();
        _json.Append(member[..value]);
        if (mask)
        {
            _json.Append(walk.Rules.MaskJson);
            return;
        }

        var reader = new Utf8JsonReader(member[value..], RedactionWalk.ReaderOptions);
        reader.Read();
        AddFrom(0, ref reader, member[value..]);
    }

    /// <summary>The whole object; members that the event gave as properties come last, so that they win over loose ones.</summary>
    /// <param name="properties">A JSON object, or empty.</param>
    public ReadOnlySpan<byte> Close(ReadOnlySpan<byte> properties)
    {
        if (!properties.IsEmpty)
        {
            var inner = properties[1..^1].Trim(" \t\r\n"u8);
            if (!inner.IsEmpty)
            {
                Separate();
                _json.Append(inner);
            }
        }

        _json.Append((byte)'}');
        return _json.Written;
    }

    public void Dispose() => _json.Dispose();

    private void AddFrom(int from, ref Utf8JsonReader reader, ReadOnlySpan<byte> source)
    {
        if (!walk.Redact(ref reader, source, from, _json))
            _json.Append(source[from..(int)reader.BytesConsumed]);
    }

    private void AppendName(ReadOnlySpan<byte> name)
    {
        _json.Append((byte)'"');
        _json.Append(name);
        _json.Append("\":"u8);
    }

    private void Separate() => _json.Append(_json.Length == 0 ? (byte)'{' : (byte)',');
}
