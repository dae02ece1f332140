namespace Akka.Ingest.Tests.Model;

using Akka.Ingest.Model;
using CsCheck;
using Xunit;

public class EventIdTests
{
    private static readonly Gen<long> Ordinal = Gen.OneOf(Gen.Long[0, 1000], Gen.Long[0, EventId.MaxOrdinal], Gen.Const(EventId.MaxOrdinal));

    [Fact]
    public void The_text_of_an_id_reads_back()
    {
        Gen.Select(Gen.Guid, Gen.Int[0, 63], Ordinal).Sample((spool, partition, ordinal) =>
        {
            var id = new EventId(spool, partition, ordinal);
            var text = id.ToString();
            Assert.Equal(EventId.TextLength, text.Length);
            Assert.True(EventId.TryParse(text, out var read));
            Assert.Equal(id, read);
        }, iter: 500);
    }

    [Fact]
    public void Texts_of_a_partition_sort_as_their_ordinals()
    {
        Gen.Select(Gen.Guid, Gen.Int[0, 63], Ordinal, Ordinal).Sample((spool, partition, a, b) =>
        {
            var texts = string.CompareOrdinal(new EventId(spool, partition, a).ToString(), new EventId(spool, partition, b).ToString());
            Assert.Equal(Math.Sign(a.CompareTo(b)), Math.Sign(texts));
        }, iter: 500);
    }

    [Fact]
    public void The_text_of_version_1_does_not_change()
    {
        var id = new EventId(new Guid("00112233-4455-6677-8899-aabbccddeeff"), 5, 123_456_789);
        Assert.Equal(IdTextV1, id.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0400024cg8k5adr4em4pl9nbvv20000000075bbz")]
    [InlineData("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    [InlineData("0000000000000000000000000000000000000000")]
    [InlineData("vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv")]
    public void Anything_else_is_no_id(string? text)
    {
        Assert.False(EventId.TryParse(text, out _));
    }

    private const string IdTextV1 = "040128hj8hamcts8j6lbnj6ttrvga000003lnj8l";
}
