namespace Akka.Ingest.Tests.Parsing;

using System.Text;
using Akka.Ingest.Hosting;
using Akka.Ingest.Model;
using Akka.Ingest.Parsing;
using Akka.Ingest.Redaction;
using Xunit;

/// <summary>What a record holds, as strings that a test can compare; an absent field is null.</summary>
internal sealed record Decoded(string Timestamp, Severity Severity, bool IsRejected, string?[] Fields)
{
    public static readonly DateTime ReceivedAt = new(2026, 11, 24, 8, 0, 0, 123, 456, DateTimeKind.Utc);
    public const int MaxEventBytes = 64 * 1024;

    public string? Message => Fields[(int)EventField.Message];
    public string? Template => Fields[(int)EventField.MessageTemplate];
    public string? Exception => Fields[(int)EventField.Exception];
    public string? TraceId => Fields[(int)EventField.TraceId];
    public string? SpanId => Fields[(int)EventField.SpanId];
    public string? Source => Fields[(int)EventField.Source];
    public string? Category => Fields[(int)EventField.Category];
    public string? Body => Fields[(int)EventField.Body];
    public string? Headers => Fields[(int)EventField.Headers];
    public string? Properties => Fields[(int)EventField.Properties];

    public static EventParser Parser(RedactionOptions? options = null, int maxEventBytes = MaxEventBytes) =>
        new(new Redactor(options ?? new RedactionOptions()), maxEventBytes);

    public static ParseOutcome Parse(
        string body, EventFormat format = EventFormat.Native, InvalidEvents invalid = InvalidEvents.Refuse, RedactionOptions? options = null) =>
        Parser(options).Parse(format, Encoding.UTF8.GetBytes(body), ReceivedAt, invalid);

    /// <summary>The events of a body that must be accepted.</summary>
    public static List<Decoded> Events(
        string body, EventFormat format = EventFormat.Native, InvalidEvents invalid = InvalidEvents.Refuse, RedactionOptions? options = null)
    {
        var outcome = Parse(body, format, invalid, options);
        Assert.Null(outcome.Error);
        using var block = outcome.Block!;
        return Read(block);
    }

    public static Decoded Event(string body, EventFormat format = EventFormat.Native, RedactionOptions? options = null) =>
        Assert.Single(Events(body, format, options: options));

    public static List<Decoded> Read(EventBlock block)
    {
        var events = new List<Decoded>();
        var chunks = block.Chunks.Span;
        var rawBytes = 0;
        while (!chunks.IsEmpty)
        {
            var header = ChunkCodec.ReadHeader(chunks);
            var raw = new byte[header.RawLength];
            ChunkCodec.Expand(header, chunks, raw);
            chunks = chunks[(ChunkCodec.HeaderLength + header.StoredLength)..];
            rawBytes += raw.Length;
            var records = raw.AsSpan();
            for (var i = 0; i < header.EventCount; i++)
            {
                var record = EventRecord.Read(records);
                records = records[record.Bytes.Length..];
                events.Add(From(record));
            }

            Assert.True(records.IsEmpty);
        }

        Assert.Equal(block.EventCount, events.Count);
        Assert.Equal(block.RejectedCount, events.Count(e => e.IsRejected));
        Assert.Equal(block.RawBytes, rawBytes);
        return events;
    }

    private static Decoded From(in EventRecord record)
    {
        var fields = new string?[EventFields.Count];
        for (var field = 0; field < EventFields.Count; field++)
        {
            if (record.Has((EventField)field))
                fields[field] = Encoding.UTF8.GetString(record[(EventField)field]);
        }

        Span<byte> buffer = stackalloc byte[32];
        var timestamp = Encoding.ASCII.GetString(EventJson.FormatTimestamp(record.TimestampTicks, record.FractionDigits, buffer));
        return new Decoded(timestamp, record.Severity, record.IsRejected, fields);
    }
}
