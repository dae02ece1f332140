namespace Akka.Ingest.Stores.Files;

using System.Buffers;
using Akka.Ingest.Model;

/// <summary>
/// A line of <c>YYYY-MM-DD.ndjson</c>: one event, in the JSON form in which queries answer it, and one member more for the store.
/// </summary>
/// <remarks>
/// Every byte but the newline, in this order and without any space between:
/// <code>
/// {"id":"…40…","timestamp":"…","level":"…", the fields present in the order of EventField, "receivedAt":"…"[,"apiKeyId":"…"],
///  "_store":{"n":N[,"ticks":T][,"newlines":[d,…]][,"returns":[d,…]][,"commit":{"sequence":S,"index":I,"ordinal":O,"checksum":"c","lines":L,"group":G}],"x":"h"}}
/// </code>
/// <list type="bullet">
/// <item><c>n</c>: arrival number, unique in the store, ascending within a file.</item>
/// <item><c>ticks</c>: the timestamp in ticks of 100 ns, where its text has too few digits to give it back.</item>
/// <item><c>newlines</c>, <c>returns</c>: where raw JSON had line feeds and carriage returns, which are spaces in the line: offsets from the
/// start of the line, each as the distance from the one before.</item>
/// <item><c>commit</c>: on the last line of a batch, the stored position of its partition from here on (<c>checksum</c>: 16 hex digits);
/// <c>lines</c>: how many lines the batch has in this file; <c>group</c>: how many bytes before this line the write began that it was
/// part of. Everything before that had been flushed by then.</item>
/// <item><c>x</c>: XxHash3, 16 lower-case hex digits, over the line up to the comma before <c>"x"</c>.</item>
/// </list>
/// Text is escaped as <c>\" \\ \b \f \n \r \t \u00xx</c>, everything else stands as it is. A line that does not match its <c>x</c> is not
/// served; lines after it are found by the newline, or, where that was destroyed, by the end of the line before.
/// </remarks>
internal static class LineFormat
{
    /// <summary>Version of the files of a folder, as in the positions log.</summary>
    public const int Version = 1;

    /// <summary>Where the text of the id begins.</summary>
    public const int IdOffset = 7;

    /// <summary>Where the text of the timestamp begins.</summary>
    public const int TimestampOffset = IdOffset + EventId.TextLength + 15;

    /// <summary>Length of <c>,"x":"…"}}</c>.</summary>
    public const int TailLength = 25;

    public static ReadOnlySpan<byte> Start => "{\"id\":\""u8;

    public static ReadOnlySpan<byte> BeforeTimestamp => "\",\"timestamp\":\""u8;

    public static ReadOnlySpan<byte> BeforeLevel => "\",\"level\":\""u8;

    public static ReadOnlySpan<byte> BeforeReceived => ",\"receivedAt\":\""u8;

    public static ReadOnlySpan<byte> BeforeApiKey => ",\"apiKeyId\":\""u8;

    public static ReadOnlySpan<byte> BeforeStore => ",\"_store\":{\"n\":"u8;

    public static ReadOnlySpan<byte> BeforeTicks => ",\"ticks\":"u8;

    public static ReadOnlySpan<byte> BeforeNewlines => ",\"newlines\":["u8;

    public static ReadOnlySpan<byte> BeforeReturns => ",\"returns\":["u8;

    public static ReadOnlySpan<byte> BeforeCommit => ",\"commit\":{\"sequence\":"u8;

    public static ReadOnlySpan<byte> TailStart => ",\"x\":\""u8;

    public static ReadOnlySpan<byte> TailEnd => "\"}}"u8;

    /// <summary>How the fields begin in a line: <c>,"message":"</c> for text, <c>,"body":</c> for JSON.</summary>
    public static readonly byte[][] FieldStarts =
    [
        ",\"message\":\""u8.ToArray(), ",\"messageTemplate\":\""u8.ToArray(), ",\"exception\":\""u8.ToArray(), ",\"traceId\":\""u8.ToArray(),
        ",\"spanId\":\""u8.ToArray(), ",\"source\":\""u8.ToArray(), ",\"host\":\""u8.ToArray(), ",\"environment\":\""u8.ToArray(),
        ",\"category\":\""u8.ToArray(), ",\"body\":"u8.ToArray(), ",\"headers\":"u8.ToArray(), ",\"properties\":"u8.ToArray(),
    ];

    public static readonly byte[][] Levels =
    [
        "Trace"u8.ToArray(), "Debug"u8.ToArray(), "Information"u8.ToArray(), "Warning"u8.ToArray(), "Error"u8.ToArray(), "Critical"u8.ToArray(),
    ];

    /// <summary>Bytes that do not stand for themselves in a JSON string.</summary>
    public static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 32).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    /// <summary>What ends a stretch of plain bytes in a JSON string.</summary>
    public static readonly SearchValues<byte> QuoteOrEscape = SearchValues.Create("\"\\"u8);
}

/// <summary>The member <c>commit</c>.</summary>
/// <param name="Position">The stored position from here on.</param>
/// <param name="Lines">Lines of the batch in this file.</param>
/// <param name="BytesIntoWrite">How many bytes before its line the write began.</param>
internal readonly record struct LineCommit(StoredPosition Position, int Lines, long BytesIntoWrite);
