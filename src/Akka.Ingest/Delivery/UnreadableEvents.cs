namespace Akka.Ingest.Delivery;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;

/// <summary>
/// Stands in for events that lie in the journal but cannot be read: one rejected record for each, so that every accepted
/// event still ends somewhere and the partition goes on without a hand on the files. The first carries the bytes.
/// </summary>
internal static class UnreadableEvents
{
    public const string Reason = "unreadable-entry";

    /// <param name="source">The entry.</param>
    /// <param name="firstIndex">Index of the first unreadable event.</param>
    /// <param name="endIndex">Index behind the last.</param>
    /// <param name="bytes">The bytes that should have held them.</param>
    /// <param name="explanation">What is wrong with them.</param>
    /// <returns>Records back to back.</returns>
    public static byte[] ToRecords(SequencedEntry source, int firstIndex, int endIndex, ReadOnlySpan<byte> bytes, string explanation)
    {
        using var writer = new EventRecordWriter();
        var receivedAt = source.Entry.Requests is [var request, ..] ? request.ReceivedAt : DateTime.UnixEpoch;
        for (var index = firstIndex; index < endIndex; index++)
        {
            writer.Begin(receivedAt.Ticks, 7, Severity.Error, rejected: true);
            writer.Append(EventField.Message, index == firstIndex ? Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes)) : []);
            writer.Append(EventField.Exception, Encoding.UTF8.GetBytes(explanation));
            writer.Append(EventField.Category, Encoding.ASCII.GetBytes(Reason));
            writer.End();
        }

        return writer.WrittenSpan.ToArray();
    }
}
