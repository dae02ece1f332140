namespace Akka.Ingest.Delivery;

using Akka.Ingest.Storage;
using Microsoft.Extensions.Logging;

/// <summary>What delivery logs: facts and positions, never an event.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(4001, LogLevel.Information, "Partition {Partition} delivers spool {SpoolId} from {Offset}, event {Ordinal}")]
    public static partial void Resumed(ILogger logger, int partition, Guid spoolId, string offset, long ordinal);

    [LoggerMessage(4002, LogLevel.Error, "Partition {Partition}: events {From} up to {To} of spool {SpoolId} are in neither journal nor store")]
    public static partial void Missing(ILogger logger, int partition, Guid spoolId, long from, long to);

    [LoggerMessage(4003, LogLevel.Warning, "Partition {Partition}: a write failed ({Kind}, {Code}: {Detail}); attempt {Attempt}, next in {Pause}")]
    public static partial void WriteFailed(ILogger logger, int partition, StoreFailureKind kind, string code, string detail, int attempt, TimeSpan pause);

    [LoggerMessage(4004, LogLevel.Error, "Partition {Partition}: nothing can be written since {Elapsed} ({Kind}, {Code}: {Detail}); attempt {Attempt}, next in {Pause}; the spool keeps what is accepted")]
    public static partial void WriteFailsForLong(ILogger logger, int partition, StoreFailureKind kind, string code, string detail, int attempt, TimeSpan pause, TimeSpan elapsed);

    [LoggerMessage(4005, LogLevel.Warning, "Partition {Partition}: the store refuses a write of {Events} events because of its data ({Code}); its poison events are being isolated")]
    public static partial void Isolating(ILogger logger, int partition, int events, string code);

    [LoggerMessage(4006, LogLevel.Warning, "Partition {Partition}: {Count} events went to the dead letters ({Reason})")]
    public static partial void DeadLettered(ILogger logger, int partition, int count, string reason);

    [LoggerMessage(4007, LogLevel.Error, "Partition {Partition}: the stored position is {Actual} where {Expected} was expected: another writer is at work; starting over from the stored position")]
    public static partial void Fenced(ILogger logger, int partition, string expected, string actual);

    [LoggerMessage(4008, LogLevel.Error, "Partition {Partition}: delivery stopped and starts over in {Pause}")]
    public static partial void Restarting(ILogger logger, Exception exception, int partition, TimeSpan pause);

    [LoggerMessage(4009, LogLevel.Warning, "Partition {Partition}: the write under way did not end within {Timeout}; its outcome is read from the store at the next start")]
    public static partial void StopTimedOut(ILogger logger, int partition, TimeSpan timeout);

    [LoggerMessage(4010, LogLevel.Error, "Dead-letter file {File} has {Lines} damaged lines; they do not count as written")]
    public static partial void DeadLetterFileDamaged(ILogger logger, string file, int lines);

    [LoggerMessage(4011, LogLevel.Information, "Partition {Partition}: delivery is stopped at {Offset}")]
    public static partial void Stopped(ILogger logger, int partition, string offset);

    [LoggerMessage(4012, LogLevel.Information, "Partition {Partition}: the spool does not answer yet ({Detail}); trying again in {Pause}")]
    public static partial void Waiting(ILogger logger, int partition, string detail, TimeSpan pause);

    [LoggerMessage(4013, LogLevel.Error, "Partition {Partition}: events {FirstIndex} up to {EndIndex} of entry {Sequence} of spool {SpoolId} cannot be read ({Explanation}); they go to the dead letters")]
    public static partial void Unreadable(ILogger logger, int partition, Guid spoolId, long sequence, int firstIndex, int endIndex, string explanation);
}
