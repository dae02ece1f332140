namespace Akka.Ingest.Stores.Files;

using Microsoft.Extensions.Logging;

/// <summary>The index of one day while it is written. Trouble with it is no trouble of the store: what it lacks is read from the lines.</summary>
/// <remarks>Used by the writer's thread only.</remarks>
internal sealed partial class DayIndexFile(IStoreFileSystem files, string path, ILogger logger) : IDisposable
{
    private IStoreFile? _file;
    private long _length;

    /// <summary>Where the next record goes. Readable by any thread.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        private set => Volatile.Write(ref _length, value);
    }

    /// <summary>Goes on behind what is there.</summary>
    public void Open(long length) => Length = length;

    /// <summary>Adds a record. A record that cannot be written is left out.</summary>
    public void Append(ReadOnlyMemory<byte> frame)
    {
        try
        {
            _file ??= files.OpenOrCreate(path);
            _file.Write(Length, frame.Span);
            Length += frame.Length;
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            LogNotWritten(logger, path, exception.Message);
        }
    }

    /// <summary>Writes the whole index into a new file, which then takes the name.</summary>
    /// <returns>False when the disk refused; the old index is as it was.</returns>
    public bool TryRewrite(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        Close();
        var temporary = FileStorePaths.Temporary(path);
        try
        {
            using (var file = files.OpenOrCreate(temporary))
            {
                file.SetLength(0);
                file.Write(0, frames);
                file.Flush();
            }

            files.Move(temporary, path);
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            LogNotWritten(logger, path, exception.Message);
            UnfinishedFiles.TryDelete(files, temporary);
            return false;
        }

        Length = frames.Sum(frame => (long)frame.Length);
        return true;
    }

    /// <summary>Removes the file. The name is gone for good once the folder is flushed.</summary>
    public void Delete()
    {
        Close();
        Length = 0;
        if (files.FileExists(path))
            files.Delete(path);
    }

    public void Flush()
    {
        try
        {
            _file?.Flush();
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception))
        {
            LogNotWritten(logger, path, exception.Message);
        }
    }

    public void Dispose() => Close();

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    [LoggerMessage(3112, LogLevel.Warning, "The index {File} could not be written; what it lacks is read from the lines at the next start: {Detail}")]
    private static partial void LogNotWritten(ILogger logger, string file, string detail);
}
