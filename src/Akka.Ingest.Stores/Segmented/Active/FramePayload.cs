namespace Akka.Ingest.Stores.Segmented.Active;

using System.Buffers.Binary;

/// <summary>Events of a frame that came with one request.</summary>
internal readonly record struct FrameSlice(long FirstOrdinal, int Count, long ReceivedTicks, int Tally);

/// <summary>
/// The payload of a frame before compression, little-endian: i32 number of slices; for each i64 first ordinal, i32 count, i64 ticks of
/// receipt, i32 index of the tally that has its API key; then the records back to back.
/// </summary>
internal static class FramePayload
{
    private const int SliceBytes = 24;

    public static int PrefixBytes(int slices) => 4 + (slices * SliceBytes);

    public static void WriteSlices(Span<byte> target, IReadOnlyList<FrameSlice> slices)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, slices.Count);
        target = target[4..];
        foreach (var slice in slices)
        {
            BinaryPrimitives.WriteInt64LittleEndian(target, slice.FirstOrdinal);
            BinaryPrimitives.WriteInt32LittleEndian(target[8..], slice.Count);
            BinaryPrimitives.WriteInt64LittleEndian(target[12..], slice.ReceivedTicks);
            BinaryPrimitives.WriteInt32LittleEndian(target[20..], slice.Tally);
            target = target[SliceBytes..];
        }
    }

    public static FrameSlice[] ReadSlices(ReadOnlySpan<byte> payload)
    {
        var slices = new FrameSlice[BinaryPrimitives.ReadInt32LittleEndian(payload)];
        payload = payload[4..];
        for (var i = 0; i < slices.Length; i++, payload = payload[SliceBytes..])
        {
            slices[i] = new FrameSlice(
                BinaryPrimitives.ReadInt64LittleEndian(payload),
                BinaryPrimitives.ReadInt32LittleEndian(payload[8..]),
                BinaryPrimitives.ReadInt64LittleEndian(payload[12..]),
                BinaryPrimitives.ReadInt32LittleEndian(payload[20..]));
        }

        return slices;
    }
}
