namespace Akka.Ingest.Storage;

using System.Globalization;

/// <summary>What every provider asks of a batch before it touches anything.</summary>
public static class StoreBatches
{
    /// <summary>Throws for a batch no store could write: slices out of order, or outside what the positions enclose.</summary>
    /// <exception cref="ArgumentException">The batch contradicts itself: a mistake of the caller, not of the data.</exception>
    public static void ThrowIfContradictory(StoreBatch batch)
    {
        if (batch.Partition is < 0 or > 63)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"There is no partition {batch.Partition}."), nameof(batch));
        var next = batch.Expected.Ordinal;
        foreach (var slice in batch.Slices)
        {
            if (slice.FirstOrdinal < next || slice.Count < 0)
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"A slice begins at {slice.FirstOrdinal}, before {next}."), nameof(batch));
            next = slice.FirstOrdinal + slice.Count;
        }

        if (next > batch.Next.Ordinal)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The events end at {next}, after the next position {batch.Next.Ordinal}."), nameof(batch));
    }
}
