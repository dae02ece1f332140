namespace Akka.Ingest.Delivery;

using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Akka.Ingest.Model;

/// <summary>
/// One line of a dead-letter file: a JSON object that ends with a checksum of all that stands before it.
/// </summary>
/// <remarks>
/// <code>
/// {"id":"…40 characters…","partition":0,"sequence":7,"index":3,"reason":"store-refused","code":"sqlite:19",
///  "exceptionType":"…","exceptionText":"…","attempts":4,"firstAt":"…","lastAt":"…","receivedAt":"…","apiKeyId":"…",
///  "event":{…},"checksum":"…16 hexadecimal digits…"}
/// </code>
/// An event rejected at accept has its reason code as <c>reason</c>, the explanation as <c>exceptionText</c> and the text
/// as received as <c>text</c> in place of <c>event</c>; a record that cannot be read stands as <c>raw</c>, in base64. <c>id</c> stands first and <c>checksum</c> last, at fixed places, so
/// that both are found without parsing. The checksum is XxHash3 over the bytes before <c>,"checksum"</c>.
/// </remarks>
internal static class DeadLetterLine
{
    public const string StoreRefusedReason = "store-refused";
    private const int ChecksumLength = 16;
    private static ReadOnlySpan<byte> Prefix => "{\"id\":\""u8;
    private static ReadOnlySpan<byte> ChecksumName => ",\"checksum\":\""u8;
    private static ReadOnlySpan<byte> End => "\"}"u8;

    /// <summary>Why the event is a dead letter, as in the line: a short code.</summary>
    public static string ReasonOf(in DeadLetter letter)
    {
        if (letter.Refusal is not null)
            return StoreRefusedReason;
        var code = EventRecord.Read(letter.Record.Span)[EventField.Category];
        return code.IsEmpty ? "rejected" : Encoding.UTF8.GetString(code);
    }

    /// <summary>Writes the line with its line feed. <paramref name="buffer"/> is cleared first.</summary>
    public static void Write(ArrayBufferWriter<byte> buffer, in DeadLetter letter)
    {
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, EventJson.WriterOptions))
        {
            WriteMembers(writer, letter);
            writer.Flush();
        }

        // JSON that a client sent over several lines is kept digit for digit; its line breaks can only stand between tokens.
        var line = System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer.WrittenMemory).Span;
        line.Replace((byte)'\n', (byte)' ');
        line.Replace((byte)'\r', (byte)' ');
        var checksum = XxHash3.HashToUInt64(line);
        buffer.Write(ChecksumName);
        checksum.TryFormat(buffer.GetSpan(ChecksumLength), out var written, "x16", CultureInfo.InvariantCulture);
        buffer.Advance(written);
        buffer.Write(End);
        buffer.Write("\n"u8);
    }

    /// <summary>The id of a line without its line feed; false when the line is not as it was written.</summary>
    public static bool TryReadId(ReadOnlySpan<byte> line, out EventId id)
    {
        id = default;
        var tail = ChecksumName.Length + ChecksumLength + End.Length;
        if (line.Length < Prefix.Length + EventId.TextLength + tail || !line.StartsWith(Prefix) || !line.EndsWith(End))
            return false;
        var body = line[..^tail];
        return line[body.Length..].StartsWith(ChecksumName)
            && ulong.TryParse(line.Slice(body.Length + ChecksumName.Length, ChecksumLength), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var checksum)
            && checksum == XxHash3.HashToUInt64(body)
            && EventId.TryParse(Encoding.ASCII.GetString(line.Slice(Prefix.Length, EventId.TextLength)), out id);
    }

    /// <summary>Who sent the event of a line whose checksum holds; empty for no key.</summary>
    public static string ReadApiKeyId(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKey = reader.ValueTextEquals("apiKeyId"u8);
            reader.Read();
            if (isKey)
                return reader.GetString()!;
            reader.Skip();
        }

        return "";
    }

    private static void WriteMembers(Utf8JsonWriter writer, in DeadLetter letter)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, letter.Id.ToString());
        writer.WriteNumber("partition"u8, letter.Id.Partition);
        writer.WriteNumber("sequence"u8, letter.Offset.Sequence);
        writer.WriteNumber("index"u8, letter.Offset.Index);
        writer.WriteString("reason"u8, ReasonOf(letter));
        if (letter.Refusal is { } refusal)
            WriteRefused(writer, letter, refusal);
        else
            WriteRejected(writer, letter);
    }

    private static void WriteRefused(Utf8JsonWriter writer, in DeadLetter letter, StoreRefusal refusal)
    {
        writer.WriteString("code"u8, refusal.Code);
        writer.WriteString("exceptionType"u8, refusal.ExceptionType);
        writer.WriteString("exceptionText"u8, refusal.ExceptionText);
        WriteTimes(writer, letter, refusal.Attempts, refusal.FirstAt, refusal.LastAt);
        try
        {
            var record = EventRecord.Read(letter.Record.Span);
            writer.WritePropertyName("event"u8);
            EventJson.Write(writer, record, letter.Id, letter.ReceivedAt, letter.ApiKeyId);
        }
        catch (InvalidDataException)
        {
            writer.WriteBase64String("raw"u8, letter.Record.Span);
        }
    }

    private static void WriteRejected(Utf8JsonWriter writer, in DeadLetter letter)
    {
        var record = EventRecord.Read(letter.Record.Span);
        writer.WriteString("exceptionText"u8, record[EventField.Exception]);
        WriteTimes(writer, letter, attempts: 0, letter.ReceivedAt, letter.ReceivedAt);
        writer.WriteString("text"u8, record[EventField.Message]);
    }

    private static void WriteTimes(Utf8JsonWriter writer, in DeadLetter letter, int attempts, DateTime firstAt, DateTime lastAt)
    {
        writer.WriteNumber("attempts"u8, attempts);
        WriteTime(writer, "firstAt"u8, firstAt);
        WriteTime(writer, "lastAt"u8, lastAt);
        WriteTime(writer, "receivedAt"u8, letter.ReceivedAt);
        if (letter.ApiKeyId.Length > 0)
            writer.WriteString("apiKeyId"u8, letter.ApiKeyId);
    }

    private static void WriteTime(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTime time) =>
        writer.WriteString(name, EventJson.FormatTimestamp(time.Ticks, 7, stackalloc byte[32]));
}
