namespace Akka.Ingest.Delivery;

using Akka.Ingest.Storage;

/// <summary>Waits between two attempts, and tells log, metrics and diagnostics why.</summary>
internal sealed class RetryPause(DeliveryServices services, int partition, DeliveryStatus status, CancellationToken stopping)
{
    /// <exception cref="OperationCanceledException">Delivery is stopping.</exception>
    public Task WaitAsync(StoreFailure failure, RetryRow row, RetryDecision decision)
    {
        var pause = decision.Pause ?? throw new ArgumentException("There is nothing to wait for.", nameof(decision));
        status.Failed($"{failure.Code}: {failure.Detail}", services.Time.GetUtcNow().UtcDateTime);
        status.Change(snapshot => snapshot with { Retries = snapshot.Retries + 1 });
        services.Metrics.Retried(partition, failure.Code);
        if (decision.IsAlarm)
            DeliveryLog.WriteFailsForLong(services.Logger, partition, failure.Kind, failure.Code, failure.Detail, row.Attempts, pause, row.Elapsed);
        else
            DeliveryLog.WriteFailed(services.Logger, partition, failure.Kind, failure.Code, failure.Detail, row.Attempts, pause);
        return Task.Delay(pause, services.Time, stopping);
    }
}
