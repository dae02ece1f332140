namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Storage;
using Microsoft.Win32.SafeHandles;

/// <summary>The disk itself.</summary>
internal sealed class StoreFileSystem : IStoreFileSystem
{
    public static readonly StoreFileSystem Instance = new();

    public IStoreFile OpenOrCreate(string path) => new DiskFile(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);

    public IStoreFile OpenToRead(string path) => new DiskFile(path, FileMode.Open, FileAccess.Read);

    public bool FileExists(string path) => File.Exists(path);

    public IReadOnlyList<string> ListFiles(string directory) =>
        Directory.Exists(directory) ? [.. Directory.GetFiles(directory).Order(StringComparer.Ordinal)] : [];

    public IReadOnlyList<string> ListDirectories(string directory) =>
        Directory.Exists(directory) ? [.. Directory.GetDirectories(directory).Order(StringComparer.Ordinal)] : [];

    public void Move(string from, string to) => File.Move(from, to, overwrite: true);

    public void Delete(string path) => File.Delete(path);

    public void DeleteDirectory(string path) => Directory.Delete(path);

    public void CreateDirectory(string path) => DirectoryFlush.CreateDurably(path);

    public void FlushDirectory(string path) => DirectoryFlush.Flush(path);

    private sealed class DiskFile(string path, FileMode mode, FileAccess access) : IStoreFile
    {
        // Deleting and renaming what is open is normal for these stores.
        private readonly SafeFileHandle _handle = File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete);

        public string Path => path;

        public long Length => RandomAccess.GetLength(_handle);

        public int Read(long offset, Span<byte> target)
        {
            var total = 0;
            while (total < target.Length)
            {
                var read = RandomAccess.Read(_handle, target[total..], offset + total);
                if (read == 0)
                    break;
                total += read;
            }

            return total;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, offset);

        public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers) => RandomAccess.Write(_handle, buffers, offset);

        public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

        public void Flush() => RandomAccess.FlushToDisk(_handle);

        public void Dispose() => _handle.Dispose();
    }
}
