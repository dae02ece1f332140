namespace Akka.Ingest.Delivery;

using Akka.Ingest.Model;
using Akka.Ingest.Storage;

/// <summary>Part of a batch that is offered to the store in one write; the unit of halving.</summary>
/// <param name="Runs">In order, at least one; none of them <see cref="RunKind.Rejected"/> any more.</param>
/// <param name="Attempts">How often the store has refused these events because of data.</param>
/// <param name="FirstFailedAt">When it did so first.</param>
internal sealed record WriteRange(IReadOnlyList<EventRun> Runs, int Attempts = 0, DateTime? FirstFailedAt = null)
{
    public int StorableCount => Runs.Sum(run => run.Kind == RunKind.Store ? run.Count : 0);

    public StoredPosition End => Runs[^1].End;

    public IReadOnlyList<StoreSlice> ToSlices()
    {
        var slices = new List<StoreSlice>(Runs.Count);
        foreach (var run in Runs)
        {
            if (run.Kind == RunKind.Store)
                slices.Add(run.ToSlice());
        }

        return slices;
    }
}
