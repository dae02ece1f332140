namespace Akka.Ingest.Parsing;

using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Redaction;

/// <summary>Takes the events of one body as they are read, good or bad, and makes the outcome of it.</summary>
internal sealed class EventSink(RedactionWalk walk, DateTime receivedAt, InvalidEvents invalid) : IDisposable
{
    private const int MaxToldErrors = 10;

    /// <summary>
    /// A JSON mistake costs thousands of times what an event costs, so a body of nothing else could keep a core busy for
    /// minutes; one with more than this is refused as a whole.
    /// </summary>
    private const int MaxBrokenEvents = 10_000;

    /// <summary>Tiny broken lines grow thirtyfold as records; an honest body stays far below this.</summary>
    private const int MaxRecordBytes = 1 << 30;

    private readonly EventBlockBuilder _builder = new();
    private readonly List<LineError> _errors = [];
    private int _brokenEvents;
    private bool _isSecretOpen;
    private bool _isFailed;

    /// <summary>True when reading on cannot change the outcome.</summary>
    public bool IsDone => _isFailed || _errors.Count == MaxToldErrors;

    public void Accept(EventDraft draft, ReadOnlySpan<byte> source)
    {
        _isSecretOpen = false;
        if (_errors.Count > 0)
            return;
        draft.WriteTo(_builder.Records, source, receivedAt);
        _builder.EventWritten();
    }

    /// <param name="fault">What is wrong with it.</param>
    /// <param name="raw">The event as sent.</param>
    /// <param name="line">1-based line or element.</param>
    public void Reject(EventFault fault, ReadOnlySpan<byte> raw, long line)
    {
        if (invalid == InvalidEvents.Refuse)
            _errors.Add(new LineError(line, fault.Code, fault.Detail));
        else if (fault.IsBroken && raw[0] is (byte)'{' or (byte)'[' && ++_brokenEvents > MaxBrokenEvents)
            Fail(new EventFault(fault.Code, $"More than {MaxBrokenEvents} events of the body are broken."), line);
        else if (_builder.RawBytes > MaxRecordBytes)
            Fail(EventFault.TooManyRejected, line);
        else
            WriteRejected(fault, raw);
    }

    /// <summary>Gives up the body: its events cannot be told apart.</summary>
    public void Fail(EventFault fault, long line)
    {
        _isFailed = true;
        if (_errors.Count < MaxToldErrors)
            _errors.Add(new LineError(line, fault.Code, fault.Detail));
    }

    public ParseOutcome Finish()
    {
        if (_errors.Count == 0)
            return new ParseOutcome(_builder.Build(), null);
        var kind = _errors.TrueForAll(error => error.Code == EventFault.TooLargeCode)
            ? IngestErrorKind.TooLarge
            : IngestErrorKind.InvalidContent;
        return new ParseOutcome(null, new IngestError(kind, Describe(), Details: _errors));
    }

    public void Dispose() => _builder.Dispose();

    private string Describe()
    {
        var first = _errors[0];
        var where = first.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"Event or line {first.Line}: ") : "";
        var more = _errors.Count > 1 ? " Further mistakes are listed." : "";
        return $"{where}{first.Detail}{more} Nothing of the request was kept.";
    }

    private void WriteRejected(EventFault fault, ReadOnlySpan<byte> raw)
    {
        var text = walk.Rent();
        if (_isSecretOpen && fault.IsBroken)
            text.Append(walk.Rules.MaskText);
        else
            _isSecretOpen = RejectedText.Append(walk, raw, text);
        var records = _builder.Records;
        records.Begin(receivedAt.Ticks, 7, Severity.Information, rejected: true);
        records.Append(EventField.Message, text.Written);
        records.Append(EventField.Exception, fault.DetailUtf8);
        records.Append(EventField.Category, fault.CodeUtf8);
        records.End();
        _builder.EventWritten(rejected: true);
        walk.Return(text);
    }
}
