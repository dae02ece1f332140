namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Diagnostics;
using Akka.Ingest.Model;

/// <summary>What became of a request, as far as its client knows.</summary>
internal enum BatchOutcome
{
    /// <summary>Sent, no answer: stored whole or not at all.</summary>
    Unknown,

    /// <summary>Answered with success: stored exactly once.</summary>
    Acknowledged,

    /// <summary>Refused with an answer that means nothing was kept.</summary>
    Refused,
}

/// <summary>
/// Remembers every request that clients sent, and checks what came back against it: acknowledged exactly once, no event twice,
/// all or nothing, in the order sent. Thread-safe while sending; one thread checks.
/// </summary>
internal sealed class BatchLedger
{
    private readonly Dictionary<(int Client, int Batch), Entry> _entries = [];
    private readonly List<string> _receipts = [];
    private readonly Lock _lock = new();
    private int _clients;

    /// <summary>Receipts of acknowledged requests, in the order of their answers.</summary>
    public IReadOnlyList<string> Receipts
    {
        get
        {
            lock (_lock)
                return [.. _receipts];
        }
    }

    public long AcknowledgedEvents
    {
        get
        {
            lock (_lock)
                return _entries.Values.Where(entry => entry.Outcome == BatchOutcome.Acknowledged).Sum(entry => (long)entry.Batch.Count);
        }
    }

    /// <summary>How many clients there are; they are numbered from 1.</summary>
    public int Clients => _clients;

    /// <summary>Gives each client a number of its own.</summary>
    public int NextClient() => Interlocked.Increment(ref _clients);

    public void Sending(NumberedBatch batch)
    {
        lock (_lock)
            _entries.Add((batch.Client, batch.Batch), new Entry { Batch = batch });
    }

    public void Settle(NumberedBatch batch, BatchOutcome outcome, string? receipt)
    {
        lock (_lock)
        {
            _entries[(batch.Client, batch.Batch)].Outcome = outcome;
            if (receipt is not null)
                _receipts.Add(receipt);
        }
    }

    /// <summary>Expects of a client's requests no more than of unanswered ones, for tests that lose acknowledged events on purpose.</summary>
    public void Forget(int client)
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Values.Where(entry => entry.Batch.Client == client))
                entry.Outcome = BatchOutcome.Unknown;
        }
    }

    /// <summary>Reads every event found. Starts afresh each time.</summary>
    public async Task<LedgerReport> CheckAsync(IAsyncEnumerable<NumberedEvent> found)
    {
        foreach (var entry in _entries.Values)
            entry.Seen = 0;
        var report = new LedgerReport();
        var ids = new HashSet<EventId>();
        await foreach (var item in found)
        {
            report.Found++;
            if (!EventId.TryParse(item.Id, out var id) || !ids.Add(id))
                report.Wrong($"id {item.Id} came twice or is no id");
            if (!_entries.TryGetValue((item.Client, item.Batch), out var entry))
                report.Wrong($"event {item.Client}/{item.Batch}/{item.Index} was never sent");
            else
                entry.See(item, report);
        }

        foreach (var entry in _entries.Values)
            entry.Close(report);
        return report;
    }

    private sealed class Entry
    {
        public required NumberedBatch Batch { get; init; }
        public BatchOutcome Outcome { get; set; }

        /// <summary>Events seen; also the index of the one that must come next.</summary>
        public int Seen { get; set; }

        public void See(NumberedEvent item, LedgerReport report)
        {
            if (item.Index < Seen)
                report.Wrong($"event {item.Client}/{item.Batch}/{item.Index} came twice or out of order ({Outcome})");
            else if (item.Index > Seen)
                report.Wrong($"event {item.Client}/{item.Batch}/{Seen} is missing before {item.Index}, or out of order ({Outcome})");
            if (item.Message != Batch.Message(item.Index))
                report.Wrong($"event {item.Client}/{item.Batch}/{item.Index} came back altered");
            Seen = Math.Max(Seen, item.Index + 1);
        }

        public void Close(LedgerReport report)
        {
            var whole = Seen == Batch.Count;
            switch (Outcome)
            {
                case BatchOutcome.Acknowledged:
                    report.Acknowledged.Add(Batch.Count);
                    if (!whole)
                        report.Wrong($"{Batch.Key}: acknowledged with {Batch.Count} events, {Seen} found");
                    break;
                case BatchOutcome.Refused:
                    report.Refused.Add(Batch.Count);
                    if (Seen != 0)
                        report.Wrong($"{Batch.Key}: refused, yet {Seen} of {Batch.Count} events found");
                    break;
                case BatchOutcome.Unknown:
                    (whole ? report.UnansweredStored : report.UnansweredAbsent).Add(Batch.Count);
                    if (!whole && Seen != 0)
                        report.Wrong($"{Batch.Key}: unanswered, stored in part: {Seen} of {Batch.Count} events");
                    break;
                default:
                    throw new UnreachableException();
            }
        }
    }
}
