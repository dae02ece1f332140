namespace Akka.Ingest.Parsing;

using System.Text.Json;
using System.Text.Unicode;
using Akka.Ingest.Redaction;

/// <summary>
/// JSON objects one after the other: NDJSON, objects run together, or one written over several lines. After a mistake
/// reading goes on at the next line.
/// </summary>
/// <remarks>
/// An object is allowed to run over several lines only until one of them turned out broken. After that each line must stand
/// for itself, so no byte is read more than twice.
/// </remarks>
internal ref struct SequenceForm
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly EventReading _reading;
    private readonly bool _isValidUtf8;
    private bool _linesStandAlone;
    private int _position;
    private int _countedTo;
    private long _line = 1;

    private SequenceForm(ReadOnlySpan<byte> body, in EventReading reading)
    {
        _body = body;
        _reading = reading;
        _isValidUtf8 = Utf8.IsValid(body);
    }

    public static void Read(ReadOnlySpan<byte> body, in EventReading reading)
    {
        var form = new SequenceForm(body, in reading);
        while (form.SkipSpace() && !reading.Sink.IsDone)
            form.ReadNext();
    }

    private bool SkipSpace()
    {
        while (_position < _body.Length && JsonText.IsSpace(_body[_position]))
            _position++;
        return _position < _body.Length;
    }

    private void ReadNext()
    {
        var start = _position;
        if (_body[start] != (byte)'{')
        {
            _position = EndOfLine(start);
            Reject(_body[start] is (byte)'[' or (byte)'"' ? EventFault.NotAnObject : EventFault.MalformedJson, start);
            return;
        }

        var source = _linesStandAlone ? _body[start..EndOfLine(start)] : _body[start..];
        try
        {
            var reader = new Utf8JsonReader(source, RedactionWalk.ReaderOptions);
            reader.Read();
            var fault = _reading.Names.Read(ref reader, source, _reading.Draft);
            _position = start + (int)reader.BytesConsumed;
            if (_position - start > _reading.MaxEventBytes)
                fault = EventFault.TooLarge(_reading.MaxEventBytes);
            if (fault is null && (_isValidUtf8 || Utf8.IsValid(_body[start.._position])))
                _reading.Sink.Accept(_reading.Draft, source);
            else
                Reject(fault ?? EventFault.InvalidUtf8, start);
        }
        catch (JsonException error)
        {
            _position = EndOfLine(start);
            if (error.LineNumber > 0)
            {
                _linesStandAlone = true;
                SkipContinuation();
            }

            Reject(EventFault.Malformed(error), start);
        }
    }

    /// <summary>Rejects what lies between <paramref name="start"/> and the present position.</summary>
    private void Reject(EventFault fault, int start)
    {
        var raw = _body[start.._position].TrimEnd(" \t\r\n"u8);
        if (!_isValidUtf8 && !Utf8.IsValid(raw))
            fault = EventFault.InvalidUtf8;
        _line += _body[_countedTo..start].Count((byte)'\n');
        _countedTo = start;
        _reading.Sink.Reject(fault, raw, _line);
    }

    /// <summary>Passes over the further lines of an indented object, which are no events of their own.</summary>
    private void SkipContinuation()
    {
        while (_position < _body.Length)
        {
            var line = _body[(_position + 1)..EndOfLine(_position + 1)];
            var text = line.TrimStart(" \t"u8);
            var isContinuation = text.IsEmpty || text[0] is (byte)'}' or (byte)']' or (byte)'\r'
                || (text.Length < line.Length && text[0] != (byte)'{');
            if (!isContinuation)
                return;
            _position += 1 + line.Length;
        }
    }

    private int EndOfLine(int from)
    {
        if (from >= _body.Length)
            return _body.Length;
        var end = _body[from..].IndexOf((byte)'\n');
        return end < 0 ? _body.Length : from + end;
    }
}
