namespace Akka.Ingest.Delivery;

/// <summary>Where delivery reports what the journal should hold and does not.</summary>
internal interface IJournalReports
{
    /// <summary>No entry holds the ordinals [<paramref name="from"/>, <paramref name="to"/>): an entry was set aside as corrupt.</summary>
    void Missing(long from, long to);

    /// <summary>The events with indexes [<paramref name="firstIndex"/>, <paramref name="endIndex"/>) of an entry cannot be read.</summary>
    void Unreadable(long sequence, int firstIndex, int endIndex, string explanation);
}
