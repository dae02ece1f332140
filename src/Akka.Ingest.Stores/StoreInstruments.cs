namespace Akka.Ingest.Stores;

using System.Diagnostics.Metrics;

/// <summary>What the stores measure themselves.</summary>
internal static class StoreInstruments
{
    private static readonly Meter Meter = new("Akka.Ingest");

    /// <summary>Events found altered since they were written; they are not served.</summary>
    public static readonly Counter<long> AlteredRecords =
        Meter.CreateCounter<long>("akka.ingest.store.altered_records", "{event}", "Stored events whose checksum does not hold; never served.");
}
