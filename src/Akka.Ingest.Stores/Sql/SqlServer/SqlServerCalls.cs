namespace Akka.Ingest.Stores.Sql.SqlServer;

using Akka.Ingest.Storage;
using Microsoft.Data.SqlClient;

/// <summary>The edge at which what the driver throws becomes a <see cref="StoreException"/>; appends have an edge of their own.</summary>
internal static class SqlServerCalls
{
    /// <exception cref="StoreException">The database did not answer, or not within <paramref name="limit"/>.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        try
        {
            return await work(deadline.Token);
        }
        catch (Exception exception) when (deadline.IsCancellationRequested && IsOfDriver(exception))
        {
            // The driver tells of a cancelled command by an exception that does not say so.
            cancellationToken.ThrowIfCancellationRequested();
            throw new StoreException(SqlServerFailures.TookTooLong(), exception);
        }
        catch (SqlException exception) when (exception.Number == SqlServerFailures.Timeout)
        {
            throw new StoreException(SqlServerFailures.TookTooLong(), exception);
        }
        catch (SqlException exception)
        {
            throw new StoreException(SqlServerFailures.Of(exception), exception);
        }
        catch (Exception exception) when (SqlServerFailures.IsConnection(exception))
        {
            throw new StoreException(SqlServerFailures.OfConnection(exception), exception);
        }
    }

    private static bool IsOfDriver(Exception exception) =>
        exception is SqlException or OperationCanceledException || SqlServerFailures.IsConnection(exception);
}
