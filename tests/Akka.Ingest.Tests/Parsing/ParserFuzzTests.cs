namespace Akka.Ingest.Tests.Parsing;

using System.Text;
using Akka.Ingest.Parsing;
using CsCheck;
using Xunit;

public class ParserFuzzTests
{
    private static readonly EventParser Parser = Decoded.Parser(maxEventBytes: 200);

    private static readonly Gen<string> Line = Gen.OneOf(
        """{"message":"m","timestamp":"2026-01-01T00:00:00.5Z","level":"warn","properties":{"a":[1,{"b":null}],"password":"x"}}""",
        """{"@t":"2026-01-01T00:00:00","@mt":"x {Y}","@l":"ERR","@@z":1,"SourceContext":"A","@m":"{\"token\":\"x\"}"}""",
        """{"Events":[{"Timestamp":"2026-01-01T00:00:00Z","MessageTemplate":"t","Properties":{"a":1}},{"MessageTemplate":"u"}]}""",
        """[{"message":"a"},{"body":"\u0000\ud800","x":1.5e3},{"exception":"e","message":null}]""",
        "{\n  \"message\": \"pretty\",\n  \"body\": [\n    1\n  ]\n}",
        "{\"message\":\"cut", "plain password=x", "", "  ", "{}", "\uFEFF{\"message\":\"é😀\"}", new string('[', 80));

    private static readonly Gen<byte[]> Body = Gen.Select(Line.Array[0, 6], Gen.OneOf("\n", "\r\n", "", "\n\n"))
        .Select((lines, separator) => Encoding.UTF8.GetBytes(string.Join(separator, lines)));

    private static readonly Gen<byte[]> Mutated = Gen.Select(Body, Gen.Select(Gen.Double[0, 1], Gen.Byte, Gen.Int[0, 2]).Array[0, 4])
        .Select((body, mutations) =>
        {
            var bytes = body.ToList();
            foreach (var (where, value, kind) in mutations)
            {
                var at = (int)(where * bytes.Count);
                if (kind == 0 || at >= bytes.Count)
                    bytes.Insert(Math.Min(at, bytes.Count), value);
                else if (kind == 1)
                    bytes.RemoveAt(at);
                else
                    bytes[at] = value;
            }

            return bytes.ToArray();
        });

    private static readonly Gen<byte[]> AnyBody = Gen.OneOf(Body, Mutated, Mutated, Gen.Byte.Array[0, 100]);

    [Theory]
    [InlineData(EventFormat.Native)]
    [InlineData(EventFormat.Clef)]
    [InlineData(EventFormat.SeqRaw)]
    public void No_body_throws_and_both_modes_agree_on_it(EventFormat format)
    {
        AnyBody.Sample(body =>
        {
            using var refusing = Parser.Parse(format, body, Decoded.ReceivedAt, InvalidEvents.Refuse).Block;
            var lenient = Parser.Parse(format, body, Decoded.ReceivedAt, InvalidEvents.DeadLetter);
            using var block = lenient.Block;
            Assert.Equal(refusing is not null, block is { RejectedCount: 0 });
            if (refusing is not null)
                Assert.True(refusing.Chunks.Span.SequenceEqual(block!.Chunks.Span));
            if (block is not null)
                Decoded.Read(block);
        }, iter: 3_000);
    }

    [Fact]
    public void Each_line_of_clef_is_either_accepted_or_rejected()
    {
        AnyBody.Sample(body =>
        {
            var text = body.AsSpan().StartsWith("\uFEFF"u8) ? body.AsSpan(3) : body;
            var lines = 0;
            foreach (var range in text.Split((byte)'\n'))
                lines += text[range].Trim(" \t\r"u8).IsEmpty ? 0 : 1;
            using var block = Parser.Parse(EventFormat.Clef, body, Decoded.ReceivedAt, InvalidEvents.DeadLetter).Block!;
            Assert.Equal(lines, block.EventCount);
        }, iter: 3_000);
    }
}
