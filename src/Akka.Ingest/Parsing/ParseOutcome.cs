namespace Akka.Ingest.Parsing;

using System.Diagnostics.CodeAnalysis;
using Akka.Ingest.Model;

/// <summary>Either the events of a body or why it is refused.</summary>
/// <param name="Block">The events; whoever receives it disposes it.</param>
/// <param name="Error">Of kind <see cref="IngestErrorKind.InvalidContent"/> or <see cref="IngestErrorKind.TooLarge"/>.</param>
public readonly record struct ParseOutcome(EventBlock? Block, IngestError? Error)
{
    [MemberNotNullWhen(true, nameof(Block))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsAccepted => Block is not null;
}
