namespace Akka.Ingest.Delivery;

using Akka.Streams;

/// <summary>One run of a partition's delivery: from reconciling to the end of the stream.</summary>
internal static class DeliveryRun
{
    /// <summary>
    /// Completes when <paramref name="stopping"/> is cancelled and what was read is written, or when it is time to start over.
    /// In either case, and when it fails, no write is under way any more.
    /// </summary>
    public static async Task RunAsync(
        DeliveryServices services, int partition, DeliveryStatus status, IMaterializer materializer, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await services.Store.InitializeAsync(ending.Token);
        var reader = new SpoolReader(services, partition, ending.Token);
        var start = await reader.ReconcileAsync();
        status.Change(snapshot => snapshot with { SpoolId = start.SpoolId, Stored = start.Stored });

        var writer = new DeliveryWriter(services, partition, start.SpoolId, start.Stored, status, ending.Token);
        var reports = new Reports(services, partition, start.SpoolId);
        if (start.From != start.Stored)
        {
            DeliveryLog.Resumed(services.Logger, partition, start.SpoolId, start.From.Offset.ToString(), start.From.Ordinal);
            if (start.Missing is { } missing)
                reports.Missing(missing.From, missing.To);
            await writer.MoveToAsync(start.From);
        }

        var deadLettered = services.DeadLetters.OrdinalsFrom(start.SpoolId, partition, start.From.Ordinal);
        var expander = new EntryExpander(start.From, deadLettered, reports);
        var (killSwitch, completion) = DeliveryGraph.Create(services, reader, expander, writer, partition, start.SpoolId).Run(materializer);
        status.Enter(DeliveryState.Reading);
        await using var stop = stopping.Register(killSwitch.Shutdown);
        try
        {
            await completion;
        }
        finally
        {
            await ending.CancelAsync();
            await writer.Idle;
        }
    }

    private sealed class Reports(DeliveryServices services, int partition, Guid spoolId) : IJournalReports
    {
        public void Missing(long from, long to)
        {
            services.Metrics.Missing(partition, to - from);
            DeliveryLog.Missing(services.Logger, partition, spoolId, from, to);
        }

        public void Unreadable(long sequence, int firstIndex, int endIndex, string explanation) =>
            DeliveryLog.Unreadable(services.Logger, partition, spoolId, sequence, firstIndex, endIndex, explanation);
    }
}
