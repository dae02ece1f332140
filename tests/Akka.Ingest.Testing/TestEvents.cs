namespace Akka.Ingest.Testing;

using System.Text;
using Akka.Ingest.Model;

/// <summary>Small events for tests that do not care how they look.</summary>
public static class TestEvents
{
    public static readonly DateTime ReceivedAt = new(2026, 11, 24, 8, 0, 0, DateTimeKind.Utc);

    /// <summary>A request of plain events <c>"{prefix}-{n}"</c>, one millisecond apart.</summary>
    public static EventBlock Block(int count, string prefix = "event", Func<int, bool>? rejected = null, int padding = 0)
    {
        using var builder = new EventBlockBuilder();
        for (var i = 0; i < count; i++)
        {
            var isRejected = rejected?.Invoke(i) ?? false;
            Append(builder.Records, $"{prefix}-{i}{new string('.', padding)}", i, isRejected);
            builder.EventWritten(isRejected);
        }

        return builder.Build();
    }

    /// <summary>Encoded records back to back.</summary>
    public static byte[] Records(int count, string prefix = "event")
    {
        using var writer = new EventRecordWriter();
        for (var i = 0; i < count; i++)
            Append(writer, $"{prefix}-{i}", i, rejected: false);
        return writer.WrittenSpan.ToArray();
    }

    private static void Append(EventRecordWriter writer, string message, int number, bool rejected)
    {
        writer.Begin(ReceivedAt.AddMilliseconds(number).Ticks, 3, Severity.Information, rejected);
        writer.Append(EventField.Message, Encoding.UTF8.GetBytes(message));
        if (rejected)
        {
            writer.Append(EventField.Exception, "made up for a test"u8);
            writer.Append(EventField.Category, "malformed-json"u8);
        }
        else
        {
            writer.Append(EventField.Source, "tests"u8);
            writer.Append(EventField.Properties, Encoding.UTF8.GetBytes($$"""{"n":{{number}}}"""));
        }

        writer.End();
    }
}
