namespace Akka.Ingest.Tests.Delivery;

using System.Buffers;
using System.Text;
using System.Text.Json;
using Akka.Ingest.Delivery;
using Akka.Ingest.Model;
using Akka.Ingest.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

public sealed class DeadLetterTests : IDisposable
{
    private static readonly Guid SpoolId = new("0192f3a4-0000-7000-8000-00000000a001");
    private readonly string _root = Path.Combine(Path.GetTempPath(), $"akka-ingest-{Guid.NewGuid():N}");

    private string FolderPath => Path.Combine(_root, "logs", "deadletter");

    public void Dispose()
    {
        if (Directory.Exists(_root))
            Directory.Delete(_root, recursive: true);
    }

    private DeadLetterSink Sink() => new(FolderPath, NullLogger.Instance);

    private static DeadLetter[] Letters(params long[] ordinals) => [.. ordinals.Select(ordinal => new DeadLetter(
        new EventId(SpoolId, 2, ordinal), new SpoolOffset(7, (int)ordinal), TestEvents.Records(1, $"o{ordinal}"), TestEvents.ReceivedAt, "key",
        new StoreRefusal("test:1", "T", "refused", 4, TestEvents.ReceivedAt, TestEvents.ReceivedAt)))];

    [Fact]
    public void A_file_is_named_after_spool_partition_and_the_position_of_its_first_event()
    {
        Sink().Write(SpoolId, 2, Letters(3, 5));
        var name = Path.GetFileName(Assert.Single(Directory.GetFiles(FolderPath)));
        Assert.Equal("0192f3a400007000800000000000a001-p2-000000000007-000003.ndjson", name);
        Assert.True(DeadLetterFileName.TryParse(name, out var parsed));
        Assert.Equal(new DeadLetterFileName(SpoolId, 2, new SpoolOffset(7, 3)), parsed);
    }

    [Theory]
    [InlineData("readme.txt")]
    [InlineData("0192f3a400007000800000000000a001-p2-000000000007.ndjson")]
    [InlineData("0192f3a400007000800000000000a001-2-000000000007-000003.ndjson")]
    [InlineData("x-p2-000000000007-000003.ndjson")]
    public void Other_names_are_left_alone(string name) => Assert.False(DeadLetterFileName.TryParse(name, out _));

    [Fact]
    public void Writing_again_changes_nothing()
    {
        Sink().Write(SpoolId, 2, Letters(3, 5));
        var path = Directory.GetFiles(FolderPath).Single();
        var before = File.ReadAllBytes(path);
        Sink().Write(SpoolId, 2, Letters(3, 5));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(FolderPath));
    }

    [Fact]
    public void Counts_come_from_the_files_after_a_restart_as_before()
    {
        var sink = Sink();
        sink.Write(SpoolId, 2, Letters(3, 50));
        sink.Write(SpoolId, 2, Letters(10));
        sink.Write(SpoolId, 2, Letters(60, 61, 62));
        foreach (var index in new[] { sink, Sink() })
        {
            Assert.Equal(6, index.Count(SpoolId, 2, 0, 1000));
            Assert.Equal(2, index.Count(SpoolId, 2, 0, 50));
            Assert.Equal(1, index.Count(SpoolId, 2, 50, 60));
            Assert.Equal(2, index.Count(SpoolId, 2, 61, 63));
            Assert.Equal(0, index.Count(SpoolId, 2, 11, 50));
            Assert.Equal(0, index.Count(SpoolId, 1, 0, 1000));
            Assert.Equal(0, index.Count(Guid.NewGuid(), 2, 0, 1000));
            // A file that starts before the offset can hold events behind it.
            Assert.Equal([50, 60, 61, 62], index.OrdinalsFrom(SpoolId, 2, 11).Order());
        }
    }

    [Fact]
    public void A_damaged_line_does_not_count_as_written_and_is_written_again()
    {
        Sink().Write(SpoolId, 2, Letters(3, 5));
        var path = Directory.GetFiles(FolderPath).Single();
        var bytes = File.ReadAllBytes(path);
        bytes[200] ^= 1;
        File.WriteAllBytes(path, bytes);
        var sink = Sink();
        Assert.Equal([5L], sink.OrdinalsFrom(SpoolId, 2, 0));
        sink.Write(SpoolId, 2, Letters(3));
        Assert.Equal([3, 5], Sink().OrdinalsFrom(SpoolId, 2, 0).Order());
    }

    [Fact]
    public void What_a_crash_left_half_written_is_removed()
    {
        Directory.CreateDirectory(FolderPath);
        var half = Path.Combine(FolderPath, "0192f3a400007000800000000000a001-p2-000000000007-000003.ndjson.tmp");
        File.WriteAllText(half, "{\"id\":");
        Assert.Equal(0, Sink().Count(SpoolId, 2, 0, 100));
        Assert.False(File.Exists(half));
    }

    [Fact]
    public void A_line_is_one_line_of_valid_JSON_whatever_the_event_holds()
    {
        using var writer = new EventRecordWriter();
        writer.Begin(TestEvents.ReceivedAt.Ticks, 7, Severity.Error);
        writer.Append(EventField.Message, "a\nb\0\"\u2028\ud83d\ude00"u8);
        writer.Append(EventField.Body, "{\r\n  \"price\": 1.0000,\n  \"text\": \"x\\ny\"\n}"u8);
        writer.End();
        var buffer = new ArrayBufferWriter<byte>();
        DeadLetterLine.Write(buffer, Letters(1)[0] with { Record = writer.WrittenMemory });
        var line = buffer.WrittenSpan[..^1];
        Assert.Equal((byte)'\n', buffer.WrittenSpan[^1]);
        Assert.Equal(-1, line.IndexOfAny((byte)'\n', (byte)'\r'));
        Assert.True(DeadLetterLine.TryReadId(line, out var id));
        Assert.Equal(new EventId(SpoolId, 2, 1), id);
        using var json = JsonDocument.Parse(line.ToArray());
        var stored = json.RootElement.GetProperty("event");
        Assert.Equal("a\nb\0\"\u2028\ud83d\ude00", stored.GetProperty("message").GetString());
        Assert.Equal("1.0000", stored.GetProperty("body").GetProperty("price").GetRawText());
        Assert.Equal("x\ny", stored.GetProperty("body").GetProperty("text").GetString());
        Assert.Equal("key", json.RootElement.GetProperty("apiKeyId").GetString());
    }

    [Fact]
    public void A_rejected_text_that_is_no_UTF_8_still_makes_a_whole_line()
    {
        using var writer = new EventRecordWriter();
        writer.Begin(TestEvents.ReceivedAt.Ticks, 7, Severity.Error, rejected: true);
        writer.Append(EventField.Message, [0x61, 0xFF, 0xC3, 0x28, 0x62]);
        writer.Append(EventField.Exception, "no UTF-8"u8);
        writer.Append(EventField.Category, "invalid-utf8"u8);
        writer.End();
        var buffer = new ArrayBufferWriter<byte>();
        DeadLetterLine.Write(buffer, Letters(1)[0] with { Record = writer.WrittenMemory, Refusal = null });
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(buffer.WrittenSpan));
        Assert.Equal("invalid-utf8", json.RootElement.GetProperty("reason").GetString());
        Assert.Equal("a\ufffd\ufffd(b", json.RootElement.GetProperty("text").GetString());
    }
}
