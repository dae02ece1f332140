namespace Akka.Ingest.Stores.Segmented.State;

using System.Buffers.Binary;
using System.IO.Hashing;
using Akka.Ingest.Stores.Files;

/// <summary>
/// A small file that is replaced as a whole and holds its content twice, so that no single damaged place loses it. Layout, little-endian,
/// two times: u32 magic "AKTW", i32 length, u64 XxHash3 of the content, content. The second copy begins at half of the file's length.
/// </summary>
internal static class TwinFile
{
    private const uint Magic = 0x5754_4B41;
    private const int HeaderBytes = 16;

    /// <summary>Writes the file under another name, flushes it and gives it its name, durably.</summary>
    public static void Write(IStoreFileSystem files, string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + TemporaryFiles.Extension;
        var copy = new byte[HeaderBytes + content.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(copy, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(copy.AsSpan(4), content.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(copy.AsSpan(8), XxHash3.HashToUInt64(content));
        content.CopyTo(copy.AsSpan(HeaderBytes));
        using (var file = files.OpenOrCreate(temporary))
        {
            file.SetLength(0);
            file.Write(0, [copy, copy]);
            file.Flush();
        }

        files.Move(temporary, path);
        files.FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>The content; null where the file is missing or neither copy holds. <paramref name="isWhole"/> is false where one does not.</summary>
    public static byte[]? Read(IStoreFileSystem files, string path, out bool isWhole)
    {
        isWhole = false;
        if (!files.FileExists(path))
            return null;
        using var file = files.OpenToRead(path);
        var bytes = new byte[file.Length];
        if (file.Read(0, bytes) < bytes.Length)
            return null;
        var first = ReadCopy(bytes);
        var second = ReadCopy(bytes.AsSpan(bytes.Length / 2));
        isWhole = first is not null && second is not null;
        return first ?? second;
    }

    private static byte[]? ReadCopy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        if (length < 0 || length > bytes.Length - HeaderBytes)
            return null;
        var content = bytes.Slice(HeaderBytes, length);
        return XxHash3.HashToUInt64(content) == BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ? content.ToArray() : null;
    }
}

internal static class TemporaryFiles
{
    /// <summary>Ending of files under construction; what a crash leaves of them is removed at the next start.</summary>
    public const string Extension = ".tmp";
}
