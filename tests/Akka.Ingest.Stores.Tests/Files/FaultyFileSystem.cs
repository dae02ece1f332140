namespace Akka.Ingest.Stores.Tests.Files;

using Akka.Ingest.Stores.Files;

/// <summary>
/// The real file system with one planned fault: the n-th step that changes something fails, is cut, or is the last before a power cut.
/// After a crash every call throws, and <see cref="LosePower"/> leaves on the disk what a real one would find again.
/// </summary>
/// <remarks>
/// Flushes are not passed on to the disk, only kept in mind. The store under test is the only one that changes the folder, through this.
/// </remarks>
internal sealed class FaultyFileSystem : IStoreFileSystem
{
    private readonly Lock _lock = new();
    private readonly StoreFileSystem _disk = StoreFileSystem.Instance;
    private readonly DiskShadow _shadow;
    private readonly int _faultyStep;
    private readonly DiskFault _fault;

    /// <param name="root">The folder whose fate a power cut decides.</param>
    /// <param name="faultyStep">Which step, from 1; 0 for none.</param>
    public FaultyFileSystem(string root, int faultyStep = 0, DiskFault fault = DiskFault.None)
    {
        _shadow = new DiskShadow(root);
        _faultyStep = faultyStep;
        _fault = fault;
    }

    /// <summary>Steps taken that change something: open, write, set length, flush, move, delete, make or flush a folder.</summary>
    public int Steps { get; private set; }

    /// <summary>What the faulty step was; null while it has not been reached.</summary>
    public string? FaultyStepName { get; private set; }

    /// <summary>True once the planned crash was reached.</summary>
    public bool HasCrashed { get; private set; }

    /// <summary>Rewrites the folder to what is found after the power cut. Close the store before.</summary>
    public void LosePower(PowerLoss loss) => _shadow.Restore(loss);

    public IStoreFile OpenOrCreate(string path) => Step($"open {path}", () =>
    {
        var file = _disk.OpenOrCreate(path);
        return new FaultyFile(this, file, _shadow.Opened(path));
    });

    public IStoreFile OpenToRead(string path) => Look(() => new FaultyFile(this, _disk.OpenToRead(path), _shadow.Opened(path)));

    public bool FileExists(string path) => Look(() => _disk.FileExists(path));

    public IReadOnlyList<string> ListFiles(string directory) => Look(() => _disk.ListFiles(directory));

    public IReadOnlyList<string> ListDirectories(string directory) => Look(() => _disk.ListDirectories(directory));

    public void Move(string from, string to) => Step($"move {from} to {to}", () =>
    {
        _shadow.Moving(from, to);
        _disk.Move(from, to);
    });

    public void Delete(string path) => Step($"delete {path}", () =>
    {
        _shadow.Deleting(path);
        _disk.Delete(path);
    });

    public void DeleteDirectory(string path) => Step($"delete folder {path}", () => _disk.DeleteDirectory(path));

    public void CreateDirectory(string path) => Step($"make folder {path}", () => Directory.CreateDirectory(path));

    public void FlushDirectory(string path) => Step($"flush folder {path}", () =>
    {
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException(path);
        _shadow.NamesFlushed(path);
    });

    private T Look<T>(Func<T> look)
    {
        lock (_lock)
        {
            ThrowIfDown();
            return look();
        }
    }

    private void Step(string name, Action whole, Action? part = null) => Step(
        name,
        () =>
        {
            whole();
            return true;
        },
        part);

    private T Step<T>(string name, Func<T> whole, Action? part = null)
    {
        lock (_lock)
        {
            ThrowIfDown();
            if (++Steps != _faultyStep)
                return whole();
            FaultyStepName = name;
            if (_fault is DiskFault.CutThenCrash or DiskFault.CutThenFail)
                part?.Invoke();
            if (_fault == DiskFault.CrashAfter)
                _ = whole();
            HasCrashed = _fault is DiskFault.CutThenCrash or DiskFault.CrashBefore or DiskFault.CrashAfter;
            throw new IOException($"Planned by the test: {_fault} at step {Steps}, {name}.");
        }
    }

    private void ThrowIfDown()
    {
        if (HasCrashed)
            throw new IOException("Planned by the test: there is no power.");
    }

    private sealed class FaultyFile(FaultyFileSystem owner, IStoreFile file, ShadowFile shadow) : IStoreFile
    {
        public string Path => file.Path;

        public long Length => owner.Look(() => file.Length);

        public int Read(long offset, Span<byte> target)
        {
            lock (owner._lock)
            {
                owner.ThrowIfDown();
                return file.Read(offset, target);
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes) => Write(offset, [bytes.ToArray()]);

        public void Write(long offset, IReadOnlyList<ReadOnlyMemory<byte>> buffers)
        {
            var bytes = buffers.SelectMany(buffer => buffer.ToArray()).ToArray();
            owner.Step($"write {bytes.Length} bytes to {Path}", () => file.Write(offset, bytes), () => file.Write(offset, bytes.AsSpan(0, bytes.Length / 2)));
        }

        public void SetLength(long length) => owner.Step($"set length of {Path}", () => file.SetLength(length));

        public void Flush() => owner.Step($"flush {Path}", () => shadow.Flush(file));

        public void Dispose() => file.Dispose();
    }
}
