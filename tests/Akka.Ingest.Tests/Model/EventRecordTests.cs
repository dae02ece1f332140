namespace Akka.Ingest.Tests.Model;

using Akka.Ingest.Model;
using CsCheck;
using Xunit;

public class EventRecordTests
{
    private static readonly Gen<byte[]?[]> Fields =
        Gen.Select(Gen.Bool, Gen.Byte.Array[0, 300]).Select((isPresent, bytes) => isPresent ? bytes : null).Array[EventFields.Count];

    [Fact]
    public void What_is_written_is_read_back()
    {
        Gen.Select(Gen.Long[0, DateTime.MaxValue.Ticks], Gen.Int[0, 7], Gen.Int[0, 5], Gen.Bool, Fields).Sample((ticks, digits, severity, rejected, fields) =>
        {
            using var writer = new EventRecordWriter(16);
            Write(writer, 1, 0, Severity.Trace, false, fields);
            var first = writer.Length;
            Write(writer, ticks, digits, (Severity)severity, rejected, fields);
            Assert.Equal(first, EventRecord.PeekLength(writer.WrittenSpan));
            var record = EventRecord.Read(writer.WrittenSpan[first..]);
            Assert.Equal(writer.Length - first, record.Bytes.Length);
            Assert.Equal((ticks, digits, (Severity)severity, rejected),
                (record.TimestampTicks, record.FractionDigits, record.Severity, record.IsRejected));
            for (var i = 0; i < fields.Length; i++)
            {
                Assert.Equal(fields[i] is not null, record.Has((EventField)i));
                Assert.Equal(fields[i] ?? [], record[(EventField)i].ToArray());
            }
        }, iter: 300);
    }

    [Fact]
    public void Damaged_bytes_are_an_error_and_never_read_past_the_end()
    {
        Gen.Select(Fields, Gen.Double[0, 1], Gen.Byte, Gen.Bool).Sample((fields, where, value, cut) =>
        {
            using var writer = new EventRecordWriter();
            Write(writer, 5, 3, Severity.Error, false, fields);
            var bytes = writer.WrittenSpan.ToArray();
            var at = (int)(where * (bytes.Length - 1));
            if (cut)
                bytes = bytes[..at];
            else
                bytes[at] = value;
            try
            {
                var record = EventRecord.Read(bytes);
                for (var i = 0; i < EventFields.Count; i++)
                    _ = record[(EventField)i].Length;
                Assert.False(cut);
            }
            catch (InvalidDataException)
            {
                // What a damaged record must give.
            }
        }, iter: 1_000);
    }

    [Fact]
    public void A_record_given_up_leaves_no_trace()
    {
        using var builder = new EventBlockBuilder();
        Write(builder.Records, 1, 0, Severity.Error, false, [[1]]);
        builder.EventWritten();
        var length = builder.Records.Length;
        builder.Records.Begin(1, 0, Severity.Error);
        builder.Records.Append(EventField.Message, new byte[1000]);
        builder.DiscardOpenRecord();
        Assert.Equal(length, builder.Records.Length);
        using var block = builder.Build();
        Assert.Equal((1, 0, length, true), (block.EventCount, block.RejectedCount, block.RawBytes, block.IsPlain));
    }

    internal static void Write(EventRecordWriter writer, long ticks, int digits, Severity severity, bool rejected, byte[]?[] fields)
    {
        writer.Begin(ticks, digits, severity, rejected);
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i] is { } bytes)
                writer.Append((EventField)i, bytes);
        }

        writer.End();
    }
}
