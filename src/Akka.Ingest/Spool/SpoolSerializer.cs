namespace Akka.Ingest.Spool;

using System.Buffers.Binary;
using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Serialization;

/// <summary>Bytes of the journal and of snapshots. Never throws on reading: see <see cref="CorruptEntry"/>.</summary>
/// <remarks>
/// <code>
/// manifest   bytes, little-endian, a version byte first
/// entry      SpoolEntryFormat
/// created    u8 1, u16 tenant 0, 16 spool id big-endian, u16 partitions
/// owned      u8 1, u32 epoch
/// verified   u8 1
/// renewed    u8 1, 16 new id big-endian, i64 sequence, i32 index, i64 ordinal, u64 entry checksum
/// state      SpoolStateFormat
/// </code>
/// </remarks>
public sealed class SpoolSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stored beside every journal row; never changes.</summary>
    public const int SerializerId = 5341;

    internal const string EntryManifest = "entry";
    internal const string CreatedManifest = "created";
    internal const string OwnedManifest = "owned";
    internal const string VerifiedManifest = "verified";
    internal const string RenewedManifest = "renewed";
    internal const string StateManifest = "state";
    private const byte Version = 1;
    private const int PositionLength = 28;

    public override int Identifier => SerializerId;

    public override string Manifest(object o) => o switch
    {
        SpoolEntry => EntryManifest,
        SpoolCreated => CreatedManifest,
        Owned => OwnedManifest,
        StoreVerified => VerifiedManifest,
        SpoolRenewed => RenewedManifest,
        SpoolSnapshot => StateManifest,
        _ => throw new ArgumentException($"{o.GetType()} is not a spool event.", nameof(o)),
    };

    /// <summary>For an entry and a snapshot the array that they wrap, not a copy.</summary>
    public override byte[] ToBinary(object obj) => obj switch
    {
        SpoolEntry entry => entry.Bytes,
        SpoolSnapshot snapshot => snapshot.Bytes,
        SpoolCreated created => WriteCreated(created),
        Owned owned => WriteOwned(owned),
        StoreVerified => [Version],
        SpoolRenewed renewed => WriteRenewed(renewed),
        _ => throw new ArgumentException($"{obj.GetType()} is not a spool event.", nameof(obj)),
    };

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return manifest switch
            {
                EntryManifest => SpoolEntryFormat.Read(bytes),
                StateManifest => new SpoolSnapshot(bytes),
                CreatedManifest => new SpoolCreated(
                    new Guid(Body(bytes, 21).Slice(2, 16), bigEndian: true), BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(19))),
                OwnedManifest => new Owned(BinaryPrimitives.ReadUInt32LittleEndian(Body(bytes, 5))),
                VerifiedManifest => Body(bytes, 1).IsEmpty ? StoreVerified.Instance : throw new InvalidDataException("Too long."),
                RenewedManifest => new SpoolRenewed(new Guid(Body(bytes, 17 + PositionLength)[..16], bigEndian: true), ReadPosition(bytes.AsSpan(17))),
                _ => new CorruptEntry(manifest, bytes, "The manifest is not known here."),
            };
        }
        catch (InvalidDataException exception)
        {
            return new CorruptEntry(manifest, bytes, exception.Message);
        }
    }

    internal static void WritePosition(Span<byte> target, in StoredPosition position)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, position.Offset.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(target[8..], position.Offset.Index);
        BinaryPrimitives.WriteInt64LittleEndian(target[12..], position.Ordinal);
        BinaryPrimitives.WriteUInt64LittleEndian(target[20..], position.EntryChecksum);
    }

    internal static StoredPosition ReadPosition(ReadOnlySpan<byte> source) => new(
        new SpoolOffset(BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt32LittleEndian(source[8..])),
        BinaryPrimitives.ReadInt64LittleEndian(source[12..]),
        BinaryPrimitives.ReadUInt64LittleEndian(source[20..]));

    private static ReadOnlySpan<byte> Body(byte[] bytes, int length)
    {
        if (bytes.Length != length || bytes[0] != Version)
            throw new InvalidDataException($"Expected version {Version} in {length} bytes.");
        return bytes.AsSpan(1);
    }

    private static byte[] WriteCreated(SpoolCreated created)
    {
        var bytes = new byte[21];
        bytes[0] = Version;
        created.SpoolId.TryWriteBytes(bytes.AsSpan(3), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(19), checked((ushort)created.Partitions));
        return bytes;
    }

    private static byte[] WriteOwned(Owned owned)
    {
        var bytes = new byte[5];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), owned.Epoch);
        return bytes;
    }

    private static byte[] WriteRenewed(SpoolRenewed renewed)
    {
        var bytes = new byte[17 + PositionLength];
        bytes[0] = Version;
        renewed.NewSpoolId.TryWriteBytes(bytes.AsSpan(1), bigEndian: true, out _);
        WritePosition(bytes.AsSpan(17), renewed.From);
        return bytes;
    }
}
