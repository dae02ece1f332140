namespace Akka.Ingest.Http;

using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Microsoft.AspNetCore.Http;

/// <summary><c>POST /ingest/clef</c> and <c>POST /api/events/raw</c>, as Seq answers them.</summary>
/// <remarks>Serilog searches answers for the literal text <c>"MinimumLevelAccepted":"</c>, so the body has no spaces.</remarks>
internal sealed class SeqFront : ProtocolFront
{
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly byte[] NoMinimumLevel = """{"MinimumLevelAccepted":null}"""u8.ToArray();

    // Seq's own names, indexed by Severity.
    private static readonly byte[][] MinimumLevels =
        [.. new[] { "Verbose", "Debug", "Information", "Warning", "Error", "Fatal" }
            .Select(level => Encoding.UTF8.GetBytes($$"""{"MinimumLevelAccepted":"{{level}}"}"""))];

    public override IngestProtocol Protocol => IngestProtocol.Seq;
    public override string Name => "seq";
    public override InvalidEvents DefaultInvalid => InvalidEvents.DeadLetter;
    public override bool TakesNoEvents => true;

    public override EventFormat? FormatOf(string? contentType) => EventFormat.SeqRaw;

    public override Task WriteAcceptedAsync(HttpContext context, ApiKey caller, Receipt? receipt, InvalidEvents invalid) =>
        Answer.WriteAsync(
            context,
            StatusCodes.Status201Created,
            Answer.Json,
            caller.MinimumLevel is { } level ? MinimumLevels[(int)level] : NoMinimumLevel);

    public override Task WriteRefusedAsync(HttpContext context, IngestError error, RateLimit? limit)
    {
        var refusal = Refusals.Of(error.Kind);
        var status = refusal.StatusFor(IngestProtocol.Seq);
        ProblemAnswer.WriteFields(context, refusal, error, status, limit);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("Error"u8, error.Details is [var first, ..] ? $"{error.Detail} Line {first.Line}: {first.Detail}" : error.Detail);
            json.WriteEndObject();
        }

        return Answer.WriteAsync(context, status, Answer.Json, buffer.WrittenSpan);
    }
}
