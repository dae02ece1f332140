namespace Akka.Ingest.Stores.Segmented;

using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Akka.Ingest.Stores.Segmented.Active;
using Akka.Ingest.Stores.Segmented.Reading;
using Akka.Ingest.Stores.Segmented.Sealing;
using Akka.Ingest.Stores.Segmented.State;
using Microsoft.Extensions.Logging;

/// <summary>An open store.</summary>
/// <remarks>
/// The folder:
/// <code>
/// _manifest                            which segments and active files are the store, positions, expired events (Manifest)
/// _active-N.frames                     appends that are not sealed yet (FrameFormat)
/// dt=YYYY-MM-DD/segment-N.parquet      sealed events of one UTC day of receipt, sorted by time (SegmentSchema)
/// dt=YYYY-MM-DD/_segment-N.index       checksums, statistics and ids of that segment (SegmentIndex)
/// _quarantine/                         files in which damage was found, after what is good in them was written again
/// </code>
/// Readers of Parquet folders skip names that begin with an underscore, so the folder opens as it is.
/// </remarks>
internal sealed partial class SegmentedStore : IAsyncDisposable
{
    private readonly SegmentedStoreSettings _settings;
    private readonly IStoreFileSystem _files;
    private readonly DamageReport _damage;
    private readonly ILogger _logger;

    private SegmentedStore(SegmentedStoreSettings settings, IStoreFileSystem files, TimeProvider clock, ILogger logger)
    {
        _settings = settings;
        _files = files;
        _logger = logger;
        var segmentFiles = new SegmentFiles(settings, files);
        var opened = new StoreStart(settings, files, segmentFiles).Open();
        _damage = opened.Damage;
        State = opened.State;
        var log = new FrameLog(settings, files, State, opened.Expanded, opened.NextActive, clock, () => Maintenance?.Wake());
        Writer = new FrameWriter(settings, log, logger);
        var builder = new SegmentBuilder(settings, files, segmentFiles, OnDamage);
        var changes = new StoreChanges(settings, files, segmentFiles, State, _damage, opened.Expanded, logger);
        Maintenance = new StoreMaintenance(settings, State, Writer, builder, changes, logger);
        Sql = new SqlCounts(settings);
        LogOpened(logger, settings.Folder, State.View.Segments.Length, State.View.Actives.Length, _damage.All.Count);
    }

    public StoreState State { get; }
    public FrameWriter Writer { get; }
    public StoreMaintenance Maintenance { get; }
    public SqlCounts Sql { get; }

    /// <exception cref="StoreException">Written by a newer version, or not readable.</exception>
    public static SegmentedStore Open(SegmentedStoreSettings settings, IStoreFileSystem files, TimeProvider clock, ILogger logger) =>
        new(settings, files, clock, logger);

    /// <summary>Takes a block out of service.</summary>
    public void OnDamage(DamagedBlockException exception)
    {
        if (!_damage.Add(exception.Block, exception.Message))
            return;
        StoreInstruments.AlteredRecords.Add(exception.Block.Count);
        LogDamaged(_logger, exception.Block.Count, exception.Message, _settings.Folder);
        Maintenance.Wake();
    }

    /// <summary>The event of a row; null where it was altered.</summary>
    public StoredEvent? TryRead(BlockRows rows, int row)
    {
        try
        {
            return rows.Event(row);
        }
        catch (DamagedBlockException exception)
        {
            OnDamage(exception);
            return null;
        }
    }

    public bool Ping() => _files.FileExists(Path.Combine(_settings.Folder, ManifestFile.Name))
        ? true
        : throw new FileNotFoundException($"The manifest of the store in '{_settings.Folder}' is gone.");

    public IReadOnlyList<StoredCounts> ReadCounts() => State.Read((view, manifest) => StoreSums.Counts(view, manifest));

    public StoreHealth ReadHealth() => StoreSums.Health(State.View, _damage.All, _settings.TargetRows);

    public async ValueTask DisposeAsync()
    {
        await Maintenance.DisposeAsync();
        await Writer.DisposeAsync();
        Sql.Dispose();
        foreach (var active in State.View.Actives)
            active.File.Dispose();
    }

    [LoggerMessage(3110, LogLevel.Information, "Store {Folder} is open: {Segments} segments, {Actives} active files, {Damage} known damages")]
    private static partial void LogOpened(ILogger logger, string folder, int segments, int actives, int damage);

    [LoggerMessage(3111, LogLevel.Error, "{Events} stored events are not served: {Reason} The store {Folder} was altered or damaged")]
    private static partial void LogDamaged(ILogger logger, int events, string reason, string folder);
}
