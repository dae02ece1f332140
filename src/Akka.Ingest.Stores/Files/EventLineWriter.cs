namespace Akka.Ingest.Stores.Files;

using System.IO.Hashing;
using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>Writes records as lines, straight from their bytes into one growing buffer. The layout is in <see cref="LineFormat"/>.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class EventLineWriter
{
    private const int KeptCapacity = 16 * 1024 * 1024;
    private const int FixedRoom = 1024;

    // The first 32 characters of an id hold all but the low 5 bytes of the ordinal.
    private const int IdPrefixLength = 32;
    private const long OrdinalsOfPrefix = 1L << 40;
    private readonly LineTime _time = new();
    private readonly byte[] _id = new byte[EventId.TextLength];
    private readonly List<int> _newlines = [];
    private readonly List<int> _returns = [];
    private byte[] _buffer = new byte[64 * 1024];
    private byte[] _sliceEnd = [];
    private SpoolPartition _partition;
    private long _idPrefix = -1;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > KeptCapacity)
            _buffer = new byte[KeptCapacity];
    }

    /// <summary>Takes back everything from <paramref name="length"/> on.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Sets what the next lines have in common.</summary>
    public void Begin(SpoolPartition partition, DateTime receivedAt, string apiKeyId)
    {
        if (partition != _partition)
            _idPrefix = -1;
        _partition = partition;
        var key = Encoding.UTF8.GetBytes(apiKeyId);
        Span<byte> end = new byte[80 + (6 * key.Length)];
        var at = 0;
        Put(LineFormat.BeforeReceived, end, ref at);
        _time.Write(receivedAt.Ticks, 7, end, ref at);
        end[at++] = (byte)'"';
        if (key.Length > 0)
        {
            Put(LineFormat.BeforeApiKey, end, ref at);
            LineText.WriteEscaped(key, end, ref at);
            end[at++] = (byte)'"';
        }

        Put(LineFormat.BeforeStore, end, ref at);
        _sliceEnd = end[..at].ToArray();
    }

    /// <summary>Writes one line and returns its length, the newline included.</summary>
    /// <exception cref="InvalidDataException">The record holds what no event has.</exception>
    public int Write(in EventRecord record, long ordinal, long arrival, in LineCommit? commit)
    {
        if ((byte)record.Severity >= LevelSet.SeverityCount || record.IsRejected)
            throw new InvalidDataException("An event record has a severity that does not exist, or was rejected.");
        var line = Reserve(FixedRoom + _sliceEnd.Length + (6 * record.Bytes.Length));
        var at = 0;
        Put(LineFormat.Start, line, ref at);
        WriteId(ordinal, line, ref at);
        Put(LineFormat.BeforeTimestamp, line, ref at);
        _time.Write(record.TimestampTicks, record.FractionDigits, line, ref at);
        Put(LineFormat.BeforeLevel, line, ref at);
        Put(LineFormat.Levels[(int)record.Severity], line, ref at);
        line[at++] = (byte)'"';
        WriteFields(record, line, ref at);
        Put(_sliceEnd, line, ref at);
        LineText.WriteNumber(arrival, line, ref at);
        WriteExtras(record, commit, line, ref at);
        var checksum = XxHash3.HashToUInt64(line[..at]);
        Put(LineFormat.TailStart, line, ref at);
        LineText.WriteHex(checksum, line[at..]);
        at += 16;
        Put(LineFormat.TailEnd, line, ref at);
        line[at++] = (byte)'\n';
        Length += at;
        return at;
    }

    private void WriteFields(in EventRecord record, Span<byte> line, ref int at)
    {
        _newlines.Clear();
        _returns.Clear();
        for (var field = 0; field < EventFields.Count; field++)
        {
            if (!record.Has((EventField)field))
                continue;
            Put(LineFormat.FieldStarts[field], line, ref at);
            if (((EventField)field).IsJson())
            {
                WriteJson(record[(EventField)field], line, ref at);
                continue;
            }

            LineText.WriteEscaped(record[(EventField)field], line, ref at);
            line[at++] = (byte)'"';
        }
    }

    private void WriteJson(ReadOnlySpan<byte> json, Span<byte> line, ref int at)
    {
        var value = line.Slice(at, json.Length);
        json.CopyTo(value);
        for (var start = 0; value[start..].IndexOfAny((byte)'\n', (byte)'\r') is >= 0 and var next; start += next + 1)
        {
            (value[start + next] == (byte)'\n' ? _newlines : _returns).Add(at + start + next);
            value[start + next] = (byte)' ';
        }

        at += json.Length;
    }

    private void WriteExtras(in EventRecord record, in LineCommit? commit, Span<byte> line, ref int at)
    {
        if (record.TimestampTicks % LineTime.TicksOfLastDigit[record.FractionDigits] != 0)
        {
            Put(LineFormat.BeforeTicks, line, ref at);
            LineText.WriteNumber(record.TimestampTicks, line, ref at);
        }

        WritePlaces(LineFormat.BeforeNewlines, _newlines, line, ref at);
        WritePlaces(LineFormat.BeforeReturns, _returns, line, ref at);
        if (commit is { } committed)
            WriteCommit(committed, line, ref at);
    }

    private static void WritePlaces(ReadOnlySpan<byte> name, List<int> places, Span<byte> line, ref int at)
    {
        if (places.Count == 0)
            return;
        Put(name, line, ref at);
        var last = 0;
        foreach (var place in places)
        {
            LineText.WriteNumber(place - last, line, ref at);
            line[at++] = (byte)',';
            last = place;
        }

        line[at - 1] = (byte)']';
    }

    private static void WriteCommit(in LineCommit commit, Span<byte> line, ref int at)
    {
        Put(LineFormat.BeforeCommit, line, ref at);
        LineText.WriteNumber(commit.Position.Offset.Sequence, line, ref at);
        Put(",\"index\":"u8, line, ref at);
        LineText.WriteNumber(commit.Position.Offset.Index, line, ref at);
        Put(",\"ordinal\":"u8, line, ref at);
        LineText.WriteNumber(commit.Position.Ordinal, line, ref at);
        Put(",\"checksum\":\""u8, line, ref at);
        LineText.WriteHex(commit.Position.EntryChecksum, line[at..]);
        at += 16;
        Put("\",\"lines\":"u8, line, ref at);
        LineText.WriteNumber(commit.Lines, line, ref at);
        Put(",\"group\":"u8, line, ref at);
        LineText.WriteNumber(commit.BytesIntoWrite, line, ref at);
        line[at++] = (byte)'}';
    }

    private void WriteId(long ordinal, Span<byte> line, ref int at)
    {
        var prefix = ordinal / OrdinalsOfPrefix;
        if (prefix != _idPrefix)
        {
            new EventId(_partition.SpoolId, _partition.Partition, ordinal).WriteTo(_id);
            _idPrefix = prefix;
        }

        _id.AsSpan(0, IdPrefixLength).CopyTo(line[at..]);
        var low = ordinal;
        for (var i = EventId.TextLength - 1; i >= IdPrefixLength; i--, low >>= 5)
            line[at + i] = "0123456789abcdefghijklmnopqrstuv"u8[(int)(low & 31)];
        at += EventId.TextLength;
    }

    private Span<byte> Reserve(int room)
    {
        if (_buffer.Length - Length < room)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, checked(Length + room)));
        return _buffer.AsSpan(Length);
    }

    private static void Put(ReadOnlySpan<byte> bytes, Span<byte> target, ref int at)
    {
        bytes.CopyTo(target[at..]);
        at += bytes.Length;
    }
}
