namespace Akka.Ingest.Stores.Files;

/// <summary>
/// Every step that the stores in a folder take on a disk, so that a test can let any of them fail or be the last before a crash.
/// Failures are <see cref="IOException"/>.
/// </summary>
internal interface IStoreFileSystem
{
    /// <summary>Opens a file to read and write; makes it where it is missing. A new name is durable after <see cref="FlushDirectory"/>.</summary>
    IStoreFile OpenOrCreate(string path);

    /// <exception cref="FileNotFoundException">It is not there.</exception>
    IStoreFile OpenToRead(string path);

    bool FileExists(string path);

    /// <summary>Full paths of the files of a folder, in ordinal order; none where the folder is missing.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>Full paths of the folders in a folder, in ordinal order.</summary>
    IReadOnlyList<string> ListDirectories(string directory);

    /// <summary>Gives a file another name, replacing what has that name. Durable after <see cref="FlushDirectory"/>.</summary>
    void Move(string from, string to);

    void Delete(string path);

    /// <summary>Removes an empty folder.</summary>
    void DeleteDirectory(string path);

    /// <summary>Makes the folder, and its missing parents, durably.</summary>
    void CreateDirectory(string path);

    /// <summary>Makes new names, renames and deletions in the folder durable.</summary>
    void FlushDirectory(string path);
}

/// <summary>An open file. Reads may come from any thread; writes from one at a time.</summary>
internal interface IStoreFile : IDisposable
{
    string Path { get; }

    long Length { get; }

    /// <returns>Bytes read; fewer than asked for only at the end.</returns>
    int Read(long offset, Span<byte> target);

    void Write(long offset, ReadOnlySpan<byte> bytes);

    /// <summary>Writes several buffers one behind the other.</summary>
    void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers);

    void SetLength(long length);

    /// <summary>Returns when everything written is on the disk.</summary>
    void Flush();
}
