namespace Akka.Ingest.LoadTest.Load;

using System.Globalization;
using System.IO.Compression;
using System.Text;

/// <summary>Makes the requests before the load starts, so that sending one costs a copy into the kernel and no more.</summary>
internal sealed class RequestPool
{
    private readonly LoadOptions _options;
    private readonly string[]? _lines;
    private readonly MadeUpEvents _madeUp = new(seed: 20_261_124);
    private int _nextLine;

    /// <exception cref="InvalidDataException">The source file has no line.</exception>
    public RequestPool(LoadOptions options)
    {
        _options = options;
        if (options.SourceFile is null)
            return;
        _lines = [.. File.ReadLines(options.SourceFile).Where(line => line.Length > 0)];
        if (_lines.Length == 0)
            throw new InvalidDataException("the source file has no event");
    }

    public long EventsMade { get; private set; }

    /// <summary>Bytes of the events made, line ends included, before compression.</summary>
    public long BytesMade { get; private set; }

    /// <summary>The requests of one connection.</summary>
    public PreparedRequest[] ForConnection()
    {
        var requests = new PreparedRequest[_options.BodiesPerConnection];
        for (var i = 0; i < requests.Length; i++)
            requests[i] = Prepare();
        return requests;
    }

    private PreparedRequest Prepare()
    {
        var body = Body();
        EventsMade += _options.Batch;
        BytesMade += body.Length;
        var sent = _options.Gzip ? Compress(body) : body;
        var head = Encoding.ASCII.GetBytes(Head(sent.Length));
        byte[] whole = [.. head, .. sent];
        var key = _options.Keyed ? head.AsSpan().IndexOf("Idempotency-Key: \""u8) + "Idempotency-Key: \"".Length : -1;
        return new PreparedRequest(whole, _options.Batch, key, _options.Gzip || _lines is not null ? [] : Timestamps(whole, head.Length));
    }

    private byte[] Body()
    {
        var isArray = _options.Format == BodyFormat.Array;
        var text = new StringBuilder(_options.Batch * 290);
        if (isArray)
            text.Append('[');
        for (var i = 0; i < _options.Batch; i++)
        {
            if (i > 0)
                text.Append(isArray ? ',' : '\n');
            text.Append(Line());
        }

        text.Append(isArray ? ']' : '\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private string Line()
    {
        if (_lines is not null)
            return _lines[_nextLine++ % _lines.Length];
        return _options.Format == BodyFormat.Clef ? _madeUp.NextClef() : _madeUp.NextNative();
    }

    private string Head(int contentLength)
    {
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"POST {_options.IngestPath} HTTP/1.1\r\nHost: {_options.Url.Authority}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Type: {_options.MediaType}\r\nContent-Length: {contentLength}\r\n");
        if (_options.Gzip)
            head.Append("Content-Encoding: gzip\r\n");
        if (_options.ApiKey is not null)
            head.Append(CultureInfo.InvariantCulture, $"X-Api-Key: {_options.ApiKey}\r\n");
        if (_options.Keyed)
            head.Append(CultureInfo.InvariantCulture, $"Idempotency-Key: \"{new string('0', PreparedRequest.KeyLength)}\"\r\n");
        return head.Append("\r\n").ToString();
    }

    private static byte[] Compress(byte[] body)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
            gzip.Write(body);
        return target.ToArray();
    }

    private static int[] Timestamps(byte[] whole, int from)
    {
        var wanted = Encoding.ASCII.GetBytes(MadeUpEvents.TimestampPlaceholder);
        var found = new List<int>();
        for (var at = from; whole.AsSpan(at).IndexOf(wanted) is >= 0 and var next; at += next + wanted.Length)
            found.Add(at + next);
        return [.. found];
    }
}
