namespace Akka.Ingest.Http;

using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ZstdSharp;

/// <summary>
/// Reads and decodes a request body into one buffer. A body over <c>MaxPayloadBytes</c> is refused while it is read, a
/// compressed one as soon as it has expanded that far.
/// </summary>
internal sealed class BodyReader(IOptions<StorageOptions> options, InFlightBudget budget, IHostApplicationLifetime lifetime)
{
    private const int FirstBufferBytes = 16 * 1024;
    private const int ExpectedRatio = 5;
    private readonly int _maxBytes = options.Value.IngestionPipeline.MaxPayloadBytes;
    private readonly TimeSpan _hold = TimeSpan.FromMilliseconds(options.Value.IngestionPipeline.MaxHoldMs);

    /// <summary>The body, which the caller disposes, or why there is none.</summary>
    /// <exception cref="IOException">The connection is gone.</exception>
    public async ValueTask<BodyOutcome> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (ContentCoding.Parse(request.Headers.ContentEncoding) is not { } coding)
            return BodyOutcome.Refused(UnsupportedCoding(request));
        if (coding == BodyCoding.Identity && request.ContentLength > _maxBytes)
            return BodyOutcome.Refused(TooLarge());
        var body = new BodyBuffer(budget, _hold);
        try
        {
            var error = coding == BodyCoding.Identity
                ? await ReadPlainAsync(request, body)
                : await ReadDecodedAsync(request, coding, body);
            if (error is null)
                return new BodyOutcome(Interlocked.Exchange(ref body, null), Error: null);
            return BodyOutcome.Refused(error);
        }
        catch (Exception exception) when (exception is InvalidDataException or ZstdException or EndOfStreamException
            || (exception is InvalidOperationException && coding == BodyCoding.Brotli))
        {
            // BrotliStream calls bytes that are not Brotli an invalid operation.
            return BodyOutcome.Refused(Invalid("bad-encoding", $"The body is cut or is no {NameOf(coding)} data, as Content-Encoding says."));
        }
        catch (BadHttpRequestException exception)
        {
            return BodyOutcome.Refused(exception.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? TooLarge()
                : Invalid("cut-body", "The body ended early or came too slowly."));
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return BodyOutcome.Refused(Stopping);
        }
        finally
        {
            body?.Dispose();
        }
    }

    public static IngestError Stopping { get; } = new(IngestErrorKind.Stopping, "The server is stopping. Nothing of this request was kept; send it again.");

    private async ValueTask<IngestError?> ReadPlainAsync(HttpRequest request, BodyBuffer body)
    {
        var stopping = lifetime.ApplicationStopping;
        var reader = request.BodyReader;
        if (!await body.EnsureCapacityAsync((int)Math.Max(1, request.ContentLength ?? FirstBufferBytes), stopping))
            return Overloaded();
        while (true)
        {
            if (!reader.TryRead(out var result))
                result = await reader.ReadAsync(stopping);
            var data = result.Buffer;
            if (body.Length + data.Length > _maxBytes)
            {
                reader.AdvanceTo(data.End);
                return TooLarge();
            }

            var needed = body.Length + (int)data.Length;
            if (needed > body.Capacity && !await body.EnsureCapacityAsync(Larger(body, needed), stopping))
            {
                reader.AdvanceTo(data.Start);
                return Overloaded();
            }

            data.CopyTo(body.Free.Span);
            body.Advance((int)data.Length);
            reader.AdvanceTo(data.End);
            if (result.IsCompleted)
                return null;
        }
    }

    private async ValueTask<IngestError?> ReadDecodedAsync(HttpRequest request, BodyCoding coding, BodyBuffer body)
    {
        var stopping = lifetime.ApplicationStopping;
        var guess = Math.Min(_maxBytes, Math.Max((request.ContentLength ?? 0) * ExpectedRatio, FirstBufferBytes));
        if (!await body.EnsureCapacityAsync((int)guess, stopping))
            return Overloaded();
        await using var decoded = await ContentCoding.DecodeAsync(coding, request.Body, stopping);
        while (true)
        {
            // At the limit one byte more decides between a body that just fits and one that is too large.
            if (body.Length == body.Capacity && body.Capacity <= _maxBytes
                && !await body.EnsureCapacityAsync(Larger(body, body.Length + 1), stopping))
                return Overloaded();
            var count = await decoded.ReadAsync(body.Free, stopping);
            if (count == 0)
                return null;
            body.Advance(count);
            if (body.Length > _maxBytes)
                return TooLarge();
        }
    }

    private int Larger(BodyBuffer body, int needed) => (int)Math.Clamp(body.Capacity * 2L, needed, Math.Max(needed, (long)_maxBytes + 1));

    private IngestError TooLarge() => new(
        IngestErrorKind.TooLarge,
        $"The body is larger than {_maxBytes} bytes after decompression (Storage:IngestionPipeline:MaxPayloadBytes). Send less in one request.");

    private IngestError Overloaded() => new(
        IngestErrorKind.Overloaded,
        $"Requests in flight hold all of the {budget.MaxBytes} bytes they may (Storage:IngestionPipeline:MaxInFlightBytes). Nothing of this request was kept.");

    private static IngestError UnsupportedCoding(HttpRequest request) => new(
        IngestErrorKind.UnsupportedMedia,
        $"Content-Encoding '{Shorten(request.Headers.ContentEncoding.ToString())}' is not taken. Taken is one of: {ContentCoding.Taken}.");

    private static IngestError Invalid(string code, string detail) =>
        new(IngestErrorKind.InvalidContent, detail, Details: [new LineError(0, code, detail)]);

    private static string NameOf(BodyCoding coding) => coding.ToString().ToLowerInvariant();

    private static string Shorten(string text) => text.Length > 60 ? text[..60] + "…" : text;
}

/// <summary>Either a body or an error.</summary>
internal readonly record struct BodyOutcome(BodyBuffer? Body, IngestError? Error)
{
    [MemberNotNullWhen(false, nameof(Body))]
    public bool IsRefused => Error is not null;

    public static BodyOutcome Refused(IngestError error) => new(Body: null, error);
}
