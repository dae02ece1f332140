namespace Akka.Ingest.Tests.Model;

using Akka.Ingest.Model;
using CsCheck;
using Xunit;

public class ChunkCodecTests
{
    private static readonly Gen<byte[]> Raw = Gen.OneOf(
        Gen.Byte.Array[0, 2000], Gen.Byte[0, 3].Array[0, 5000], Gen.Int[0, 20_000].Select(n => new byte[n]));

    [Fact]
    public void A_chunk_expands_to_what_went_in_and_says_so_in_its_header()
    {
        Gen.Select(Raw, Gen.Int[0, 1000], Gen.Bool).Sample((raw, events, compress) =>
        {
            var chunk = Chunk(raw, events, compress);
            var header = ChunkCodec.ReadHeader(chunk);
            Assert.Equal((raw.Length, chunk.Length - ChunkCodec.HeaderLength, events),
                (header.RawLength, header.StoredLength, header.EventCount));
            Assert.True(header.StoredLength <= header.RawLength);
            var target = new byte[raw.Length];
            ChunkCodec.Expand(header, chunk, target);
            Assert.Equal(raw, target);
        }, iter: 300);
    }

    [Fact]
    public void Damaged_chunks_are_an_error_or_give_the_length_they_promise()
    {
        Gen.Select(Raw, Gen.Bool, Gen.Double[0, 1], Gen.Byte, Gen.Bool).Sample((raw, compress, where, value, cut) =>
        {
            var chunk = Chunk(raw, 1, compress);
            var at = (int)(where * (chunk.Length - 1));
            if (cut)
                chunk = chunk[..at];
            else
                chunk[at] = value;
            try
            {
                var header = ChunkCodec.ReadHeader(chunk);
                if (header.RawLength <= 1_000_000)
                    ChunkCodec.Expand(header, chunk, new byte[header.RawLength]);
                Assert.False(cut);
            }
            catch (InvalidDataException)
            {
                // What a damaged chunk must give.
            }
        }, iter: 2_000);
    }

    private static byte[] Chunk(byte[] raw, int events, bool compress)
    {
        var target = new byte[ChunkCodec.MaxLength(raw.Length)];
        return target[..ChunkCodec.Write(target, raw, events, compress)];
    }
}
