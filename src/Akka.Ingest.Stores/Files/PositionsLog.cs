namespace Akka.Ingest.Stores.Files;

using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>
/// <c>positions.log</c>: what no day file can tell, or not for good. Positions that moved without an event, how far days have expired, how
/// many events expired, and the version of the files. Its records are framed as in <see cref="RecordFrames"/>, and each stands there twice,
/// so that one damaged byte costs nothing.
/// </summary>
/// <remarks>
/// Payload; numbers are LEB128 unless a width is given:
/// <code>
/// u8 version, sequence (ascending; a record whose sequence is not above the last one's is a copy), u8 1 for a snapshot: what came before is void
/// next arrival number: at least so many events were stored before
/// count of positions, each: 16 bytes spool id (big-endian), u8 partition, sequence, index, ordinal, u64 entry checksum
/// count of days, each: day number, last arrival number that has expired: lines up to it are not there any more, whether they stand in the file or not
/// count of expired events, each: 16 bytes spool id, API key, events (added to what was counted before; in a snapshot all of them)
/// </code>
/// </remarks>
internal sealed class PositionsLog : IDisposable
{
    private const int MaxBytesAtStart = 64 * 1024;
    private const int MaxBytes = 4 * 1024 * 1024;
    private readonly IStoreFileSystem _files;
    private readonly FileStorePaths _paths;
    private IStoreFile? _file;
    private long _length;
    private long _sequence;
    private bool _mayHoldMore;

    private PositionsLog(IStoreFileSystem files, FileStorePaths paths)
    {
        _files = files;
        _paths = paths;
    }

    public PositionTable Positions { get; } = new();

    public Dictionary<DateOnly, long> ExpiredThrough { get; } = [];

    public Dictionary<CountKey, long> Expired { get; } = [];

    public long NextArrival { get; set; } = 1;

    /// <summary>Reads the log, or begins one.</summary>
    /// <exception cref="StoreException">The files are of a newer version.</exception>
    public static PositionsLog Open(IStoreFileSystem files, FileStorePaths paths)
    {
        var log = new PositionsLog(files, paths);
        try
        {
            if (!files.FileExists(paths.PositionsLog) || !log.Load())
                log.RewriteOrKeep();
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Makes a change durable; the tables here change with it.</summary>
    public void Append(PositionsChange change)
    {
        if (_file is null || _length > MaxBytes)
            RewriteOrKeep();
        var file = _file!;
        if (_mayHoldMore)
            file.SetLength(_length);
        _mayHoldMore = true;
        var frame = RecordFrames.Frame(Payload(change, isSnapshot: false));
        file.Write(_length, [frame, frame]);
        file.Flush();
        _mayHoldMore = false;
        _length += 2 * frame.Length;
        Apply(change);
    }

    /// <summary>Forgets how far a day has expired whose file is gone for good.</summary>
    public void Forget(DateOnly day) => ExpiredThrough.Remove(day);

    public long Length => Volatile.Read(ref _length);

    public string Path => _paths.PositionsLog;

    public void Dispose() => _file?.Dispose();

    private bool Load()
    {
        _file = _files.OpenOrCreate(_paths.PositionsLog);
        var payloads = RecordFrames.Read(RecordFrames.ReadWhole(_file), out var end, out var isIntact);
        foreach (var payload in payloads)
            Load(new RecordReader(payload.Span));

        // It may be there without ever having been flushed.
        _file.Flush();
        _length = end;
        return isIntact && payloads.Count > 0 && end <= MaxBytesAtStart;
    }

    private void Load(RecordReader reader)
    {
        var version = reader.Byte();
        if (version > LineFormat.Version)
            throw Newer(version);
        var sequence = reader.Number();
        if (sequence <= _sequence)
            return;
        _sequence = sequence;
        if (reader.Byte() != 0)
            Expired.Clear();
        var change = new PositionsChange { NextArrival = reader.Number() };
        for (var count = reader.Count(); count > 0; count--)
        {
            var (partition, position) = reader.Position();
            change.Positions[partition] = position;
        }

        for (var count = reader.Count(); count > 0; count--)
            change.ExpiredThrough[DateOnly.FromDayNumber(reader.Count())] = reader.Number();
        for (var count = reader.Count(); count > 0; count--)
            change.Expired[new CountKey(reader.Guid(), reader.Text())] = reader.Number();
        Apply(change);
    }

    private void Apply(PositionsChange change)
    {
        NextArrival = Math.Max(NextArrival, change.NextArrival);
        foreach (var (partition, position) in change.Positions)
            Positions.Move(partition, position);
        foreach (var (day, arrival) in change.ExpiredThrough)
            ExpiredThrough[day] = Math.Max(arrival, ExpiredThrough.GetValueOrDefault(day));
        foreach (var (key, events) in change.Expired)
            Expired[key] = Expired.GetValueOrDefault(key) + events;
    }

    // A full disk must not keep the store from starting, nor retention from making room: the old file, where it is still open, says as much.
    private void RewriteOrKeep()
    {
        try
        {
            Rewrite();
        }
        catch (Exception exception) when (FileFailures.IsDisk(exception) && _file is not null)
        {
            UnfinishedFiles.TryDelete(_files, FileStorePaths.Temporary(_paths.PositionsLog));

            // Whatever damaged bytes stand behind the last whole record go before the next one is written.
            _mayHoldMore = true;
        }
    }

    // The whole state as one record in a new file that takes the name of the old.
    private void Rewrite()
    {
        var temporary = FileStorePaths.Temporary(_paths.PositionsLog);
        var frame = RecordFrames.Frame(Payload(
            new PositionsChange { NextArrival = NextArrival, Positions = Positions.All, ExpiredThrough = ExpiredThrough, Expired = Expired }, isSnapshot: true));
        using (var file = _files.OpenOrCreate(temporary))
        {
            file.SetLength(0);
            file.Write(0, [frame, frame]);
            file.Flush();
        }

        // From here on the old file may be the one that counts or not; nothing is added to it.
        _file?.Dispose();
        _file = null;
        _files.Move(temporary, _paths.PositionsLog);
        _files.FlushDirectory(_paths.Folder);
        _file = _files.OpenOrCreate(_paths.PositionsLog);
        _length = 2 * frame.Length;
        _mayHoldMore = false;
    }

    private ReadOnlySpan<byte> Payload(PositionsChange change, bool isSnapshot)
    {
        var buffer = new RecordBuffer();
        buffer.Write((byte)LineFormat.Version);
        buffer.Write(++_sequence);
        buffer.Write((byte)(isSnapshot ? 1 : 0));
        buffer.Write(change.NextArrival);
        buffer.Write((long)change.Positions.Count);
        foreach (var (partition, position) in change.Positions)
            buffer.Write(partition, position);
        buffer.Write((long)change.ExpiredThrough.Count);
        foreach (var (day, arrival) in change.ExpiredThrough)
        {
            buffer.Write((long)day.DayNumber);
            buffer.Write(arrival);
        }

        buffer.Write((long)change.Expired.Count);
        foreach (var (key, events) in change.Expired)
        {
            buffer.Write(key.SpoolId);
            buffer.Write(key.ApiKeyId);
            buffer.Write(events);
        }

        return buffer.Written;
    }

    private static StoreException Newer(int found) => new(new StoreFailure(
        StoreFailureKind.Permanent,
        "file:schema-newer",
        string.Create(CultureInfo.InvariantCulture, $"The store's files have version {found}; this program knows versions up to {LineFormat.Version}. Start the newer program, or restore a backup made before the upgrade."),
        typeof(StoreException).FullName!));
}

/// <summary>What the ledger counts by.</summary>
internal readonly record struct CountKey(Guid SpoolId, string ApiKeyId);

/// <summary>One record of the positions log.</summary>
internal sealed class PositionsChange
{
    public required long NextArrival { get; init; }

    public Dictionary<SpoolPartition, StoredPosition> Positions { get; init; } = [];

    public Dictionary<DateOnly, long> ExpiredThrough { get; init; } = [];

    public Dictionary<CountKey, long> Expired { get; init; } = [];
}
