namespace Akka.Ingest.Stores.Segmented.Reading;

using System.Collections.Concurrent;
using System.Globalization;
using Akka.Ingest.Model;
using Akka.Ingest.Stores.Segmented.Sealing;
using DuckDB.NET.Data;

/// <summary>
/// Counts in sealed segments with DuckDB. Only for plans that <see cref="SqlConditions"/> can say exactly, and only over row groups whose
/// columns were checked just before: DuckDB would not notice an altered byte.
/// </summary>
/// <remarks>The library is loaded with the first such query. All connections of a process share one database in memory, and so its limits.</remarks>
internal sealed class SqlCounts(SegmentedStoreSettings settings) : IDisposable
{
    private readonly string _source = $"Data Source=:memory:?cache=shared;threads={settings.ScanThreads.ToString(CultureInfo.InvariantCulture)}";
    private readonly ConcurrentBag<DuckDBConnection> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>False for a name in which DuckDB would see a pattern.</summary>
    public static bool CanRead(Segment segment) => segment.File.ParquetPath.AsSpan().IndexOfAny("*?[") < 0;

    /// <summary>Calls back with bucket, severity and count; bucket 0 where <paramref name="bounds"/> is null.</summary>
    public void Run(IReadOnlyList<Segment> segments, SqlConditions conditions, IReadOnlyList<long>? bounds, Action<int, Severity, long> found, CancellationToken cancellationToken)
    {
        var connection = Take();
        var isGood = false;
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = Sql(segments, conditions, bounds);
            foreach (var parameter in conditions.Parameters)
                command.Parameters.Add(new DuckDBParameter(parameter));
            using var registration = cancellationToken.Register(command.Cancel);
            using var reader = command.ExecuteReader();
            while (reader.Read())
                found((int)reader.GetInt64(0), Enum.Parse<Severity>(reader.GetString(1)), reader.GetInt64(2));
            isGood = true;
        }
        catch (DuckDBException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        finally
        {
            if (isGood && !_isDisposed)
                _idle.Add(connection);
            else
                connection.Dispose();
        }
    }

    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var connection))
            connection.Dispose();
    }

    private DuckDBConnection Take()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_idle.TryTake(out var idle))
            return idle;
        var connection = new DuckDBConnection(_source);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"SET memory_limit = '{(settings.SqlMemoryBytes >> 20).ToString(CultureInfo.InvariantCulture)}MiB'; SET TimeZone = 'UTC'";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string Sql(IReadOnlyList<Segment> segments, SqlConditions conditions, IReadOnlyList<long>? bounds)
    {
        var files = string.Join(", ", segments.Select(segment => $"'{segment.File.ParquetPath.Replace("'", "''", StringComparison.Ordinal)}'"));
        var bucket = bounds is null ? "0::BIGINT" : SqlConditions.Bucket(bounds);
        return $"SELECT {bucket} AS bucket, level, count(*) FROM read_parquet([{files}], hive_partitioning = false) WHERE {conditions.Where} GROUP BY ALL";
    }
}
