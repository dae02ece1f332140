namespace Akka.Ingest.LoadTest.Load;

using System.Buffers.Text;

/// <summary>What a response said. The body is valid until the next response is read.</summary>
internal readonly ref struct HttpResponse(int status, bool closes, ReadOnlySpan<byte> body)
{
    public int Status { get; } = status;

    /// <summary>The server ends the connection after this response.</summary>
    public bool Closes { get; } = closes;

    public ReadOnlySpan<byte> Body { get; } = body;
}

/// <summary>The least of HTTP/1.1 that reading one response at a time takes: status line, Content-Length, chunked bodies.</summary>
internal sealed class HttpResponseReader
{
    /// <summary>Fills a buffer from the connection; 0 = the other side closed it.</summary>
    public delegate int Receive(Span<byte> target);

    private byte[] _buffer = new byte[16 * 1024];
    private int _length;

    /// <exception cref="IOException">The connection ended within the response, or the response is not HTTP/1.1.</exception>
    public HttpResponse Read(Receive receive)
    {
        _length = 0;
        int headLength;
        while ((headLength = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
            More(receive);
        headLength += 4;
        var status = Status(_buffer.AsSpan(0, headLength));
        var contentLength = 0;
        var chunked = false;
        var closes = false;
        foreach (var range in _buffer.AsSpan(0, headLength).Split("\r\n"u8))
        {
            var line = _buffer.AsSpan(0, headLength)[range];
            if (TryHeader(line, "content-length:"u8, out var value))
                contentLength = Utf8Parser.TryParse(value, out int length, out _) ? length : throw new IOException("the response has a bad Content-Length");
            else if (TryHeader(line, "transfer-encoding:"u8, out value))
                chunked = value.IndexOf("chunked"u8) >= 0;
            else if (TryHeader(line, "connection:"u8, out value))
                closes = value.IndexOf("close"u8) >= 0;
        }

        var bodyLength = chunked ? ReadChunks(receive, headLength) : ReadPlain(receive, headLength, contentLength);
        return new HttpResponse(status, closes, _buffer.AsSpan(headLength, bodyLength));
    }

    private int ReadPlain(Receive receive, int from, int length)
    {
        while (_length < from + length)
            More(receive);
        return length;
    }

    /// <summary>Moves the chunks together behind the head.</summary>
    private int ReadChunks(Receive receive, int from)
    {
        var read = from;
        var write = from;
        while (true)
        {
            int lineLength;
            while ((lineLength = _buffer.AsSpan(read, _length - read).IndexOf("\r\n"u8)) < 0)
                More(receive);
            if (!Utf8Parser.TryParse(_buffer.AsSpan(read, lineLength), out int size, out _, 'x'))
                throw new IOException("the response has a chunk without a size");
            read += lineLength + 2;
            while (_length < read + size + 2)
                More(receive);
            _buffer.AsSpan(read, size).CopyTo(_buffer.AsSpan(write));
            read += size + 2;
            write += size;
            if (size == 0)
                return write - from;
        }
    }

    private void More(Receive receive)
    {
        if (_length == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var count = receive(_buffer.AsSpan(_length));
        if (count == 0)
            throw new IOException("the server closed the connection within a response");
        _length += count;
    }

    private static int Status(ReadOnlySpan<byte> head) =>
        head.StartsWith("HTTP/1.1 "u8) && Utf8Parser.TryParse(head.Slice(9, 3), out int status, out _)
            ? status
            : throw new IOException("the response is not HTTP/1.1");

    private static bool TryHeader(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (line.Length < name.Length || !System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name))
            return false;
        value = line[name.Length..].Trim((byte)' ');
        return true;
    }
}
