namespace Akka.Ingest.Delivery;

using Akka;
using Akka.Actor;
using Akka.Ingest.Model;
using Akka.Ingest.Spool;
using Akka.Streams;
using Akka.Streams.Dsl;
using Akka.Util;

/// <summary>
/// The one composer: read → expand → batch → write → confirm, one graph for each partition.
/// </summary>
/// <remarks>
/// In memory at a time: the entries of one read, one expanded chunk, the batch that is being written and the one that is
/// filling. The write takes one batch at a time, because each moves the position on from the one before.
/// </remarks>
internal static class DeliveryGraph
{
    private const int WriteParallelism = 1;

    /// <summary>
    /// The kill switch ends reading; what is read by then is written and confirmed, and then the task completes. It fails
    /// with the first error of any stage.
    /// </summary>
    public static IRunnableGraph<(UniqueKillSwitch Stop, Task<Done> Completion)> Create(
        DeliveryServices services, SpoolReader reader, EntryExpander expander, DeliveryWriter writer, int partition, Guid spoolId) =>
        Read(reader)
            .Via(Expand(expander))
            .ViaMaterialized(KillSwitches.Single<ExpandedChunk>(), Keep.Right)
            .Via(new BatchFlow(services.Settings, services.Time))
            .Via(Write(writer))
            .ToMaterialized(Confirm(services.Spool, partition, spoolId), Keep.Both)
            .MapMaterializedValue(both => (both.Item1, both.Item2));

    private static Source<IReadOnlyList<SequencedEntry>, NotUsed> Read(SpoolReader reader) =>
        Source.UnfoldAsync(reader, static async reader =>
                await reader.ReadAsync() is { } entries ? (reader, entries) : Option<(SpoolReader, IReadOnlyList<SequencedEntry>)>.None)
            .Named("read");

    private static Flow<IReadOnlyList<SequencedEntry>, ExpandedChunk, NotUsed> Expand(EntryExpander expander) =>
        (Flow<IReadOnlyList<SequencedEntry>, ExpandedChunk, NotUsed>)Flow.Create<IReadOnlyList<SequencedEntry>>()
            .SelectMany(entries => entries.SelectMany(expander.Expand))
            .Named("expand");

    private static Flow<DeliveryBatch, StoredPosition, NotUsed> Write(DeliveryWriter writer) =>
        (Flow<DeliveryBatch, StoredPosition, NotUsed>)Flow.Create<DeliveryBatch>()
            .SelectAsync(WriteParallelism, writer.WriteAsync)
            .Named("write");

    private static Sink<StoredPosition, Task<Done>> Confirm(IActorRef spool, int partition, Guid spoolId) =>
        Sink.ForEach<StoredPosition>(position => spool.Tell(new SpoolProtocol.Confirm(partition, spoolId, position), ActorRefs.NoSender))
            .Named("confirm");
}
