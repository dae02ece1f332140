namespace Akka.Ingest.Stores.Files;

using System.Text;
using Akka.Ingest.Model;

/// <summary>Reads verified lines back: first what decides whether a line is wanted, then the record.</summary>
/// <remarks>Not thread-safe: it reuses buffers and remembers what lines have in common.</remarks>
internal sealed class EventLineDecoder : IDisposable
{
    public const int AllFields = (1 << EventFields.Count) - 1;
    private const int IdPrefixLength = 32;
    private readonly EventRecordWriter _writer = new(1024);
    private readonly LineTime _time = new();
    private readonly byte[] _idPrefix = new byte[IdPrefixLength];
    private EventId _idOfPrefix;
    private byte[] _scratch = [];
    private byte[] _restored = [];
    private byte[] _apiKeyUtf8 = [];
    private string _apiKey = "";
    private int _fieldsAt;
    private int _digits;

    public EventId Id { get; private set; }

    public long TimestampTicks { get; private set; }

    public Severity Severity { get; private set; }

    public long ReceivedTicks { get; private set; }

    public ReadOnlySpan<byte> ApiKeyUtf8 => _apiKeyUtf8;

    public string ApiKeyId => _apiKey;

    /// <summary>The record that <see cref="ReadRecord"/> put together; valid until the next.</summary>
    public ReadOnlySpan<byte> Record => _writer.WrittenSpan;

    /// <summary>Reads time and level.</summary>
    public void ReadKey(in EventLine line)
    {
        var bytes = line.Bytes;
        var at = LineFormat.TimestampOffset;
        TimestampTicks = _time.Read(bytes, ref at, out _digits);
        if (_digits < 7)
            TimestampTicks = line.ReadTicks() ?? TimestampTicks;
        at += LineFormat.BeforeLevel.Length;
        Severity = bytes[at] switch
        {
            (byte)'T' => Severity.Trace,
            (byte)'D' => Severity.Debug,
            (byte)'I' => Severity.Information,
            (byte)'W' => Severity.Warning,
            (byte)'E' => Severity.Error,
            _ => Severity.Critical,
        };
        _fieldsAt = at + LineFormat.Levels[(int)Severity].Length + 1;
    }

    /// <summary>Reads the id.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public void ReadId(in EventLine line)
    {
        var text = line.Bytes.Slice(LineFormat.IdOffset, EventId.TextLength);
        if (!text[..IdPrefixLength].SequenceEqual(_idPrefix))
        {
            if (!EventId.TryParse(Encoding.ASCII.GetString(text), out _idOfPrefix))
                throw new InvalidDataException("A line has no event id.");
            text[..IdPrefixLength].CopyTo(_idPrefix);
        }

        long low = 0;
        foreach (var digit in text[IdPrefixLength..])
            low = (low << 5) | (uint)(digit <= (byte)'9' ? digit - (byte)'0' : digit - (byte)'a' + 10);
        Id = _idOfPrefix with { Ordinal = (_idOfPrefix.Ordinal & ~0xFF_FFFF_FFFFL) | low };
    }

    /// <summary>Reads when the event was received and from whom. Returns where the fields end.</summary>
    public int ReadOrigin(in EventLine line)
    {
        var bytes = line.Event;
        var end = bytes.LastIndexOf(LineFormat.BeforeReceived);
        var at = end + LineFormat.BeforeReceived.Length;
        ReceivedTicks = _time.Read(bytes, ref at, out _);
        at++;
        ReadOnlySpan<byte> key = [];
        if (at < bytes.Length)
        {
            at += LineFormat.BeforeApiKey.Length;
            key = LineText.ReadString(bytes, ref at, ref _scratch);
        }

        if (!key.SequenceEqual(_apiKeyUtf8))
        {
            _apiKeyUtf8 = key.ToArray();
            _apiKey = Encoding.UTF8.GetString(key);
        }

        return end;
    }

    /// <summary>Puts the record together, with those of <paramref name="fields"/> that are there. Follows <see cref="ReadKey"/>.</summary>
    public void ReadRecord(in EventLine line, int end, int fields = AllFields)
    {
        _writer.Clear();
        _writer.Begin(TimestampTicks, _digits, Severity);
        if (fields == 0)
        {
            _writer.End();
            return;
        }

        var bytes = Restore(line);
        var at = _fieldsAt;
        for (var field = 0; field < EventFields.Count && at < end; field++)
        {
            var start = LineFormat.FieldStarts[field];
            if (!bytes[at..end].StartsWith(start))
                continue;
            at += start.Length;
            var value = ((EventField)field).IsJson() ? ReadJson(bytes[..end], ref at, field) : LineText.ReadString(bytes, ref at, ref _scratch);
            if ((fields & (1 << field)) != 0)
                _writer.Append((EventField)field, value);
        }

        if (at != end)
            throw new InvalidDataException("A line has a member that the store does not write.");
        _writer.End();
    }

    public void Dispose() => _writer.Dispose();

    // The last field reaches to the end whatever is in it; only others need a look inside.
    private static ReadOnlySpan<byte> ReadJson(ReadOnlySpan<byte> bytes, scoped ref int at, int field)
    {
        var start = at;
        at = field == (int)EventField.Properties ? bytes.Length : JsonExtent.EndOf(bytes, at);
        return bytes[start..at];
    }

    private ReadOnlySpan<byte> Restore(in EventLine line)
    {
        var store = line.Store;
        var newlines = store.IndexOf(LineFormat.BeforeNewlines);
        var returns = store.IndexOf(LineFormat.BeforeReturns);
        if (newlines < 0 && returns < 0)
            return line.Bytes;
        if (_restored.Length < line.Bytes.Length)
            _restored = new byte[line.Bytes.Length];
        line.Bytes.CopyTo(_restored);
        if (newlines >= 0)
            Restore((byte)'\n', store, newlines + LineFormat.BeforeNewlines.Length);
        if (returns >= 0)
            Restore((byte)'\r', store, returns + LineFormat.BeforeReturns.Length);
        return _restored.AsSpan(0, line.Bytes.Length);
    }

    private void Restore(byte value, ReadOnlySpan<byte> store, int at)
    {
        long place = 0;
        for (; ; at++)
        {
            place += LineText.ReadNumber(store, ref at);
            _restored[place] = value;
            if (store[at] == (byte)']')
                return;
        }
    }
}
