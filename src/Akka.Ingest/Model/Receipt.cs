namespace Akka.Ingest.Model;

/// <summary>Where the events of an accepted request lie. Its text form is the receipt a client gets.</summary>
/// <param name="SpoolId">The journal that holds them.</param>
/// <param name="Partition">Spool partition.</param>
/// <param name="FirstOrdinal">Ordinal of the request's first event; the others follow without a gap.</param>
/// <param name="Accepted">Events, rejected ones included.</param>
/// <param name="Rejected">Events accepted for the dead letters only.</param>
public sealed record Receipt(Guid SpoolId, int Partition, long FirstOrdinal, int Accepted, int Rejected);
