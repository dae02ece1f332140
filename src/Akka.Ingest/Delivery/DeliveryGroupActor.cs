namespace Akka.Ingest.Delivery;

using Akka.Actor;

/// <summary>All partitions of a single node: one <see cref="DeliveryActor"/> for each, stopped together.</summary>
internal sealed class DeliveryGroupActor : ReceiveActor
{
    public const string Name = "delivery";
    private int _running;

    /// <param name="statuses">One for each partition, in order; its count is the number of partitions.</param>
    public DeliveryGroupActor(DeliveryServices services, IReadOnlyList<DeliveryStatus> statuses)
    {
        for (var partition = 0; partition < statuses.Count; partition++)
        {
            Context.Watch(Context.ActorOf(DeliveryActor.Props(services, partition, statuses[partition]), $"delivery-{partition}"));
            _running++;
        }

        Receive<DeliveryProtocol.Stop>(stop =>
        {
            foreach (var child in Context.GetChildren())
                child.Tell(stop);
        });
        Receive<Terminated>(_ =>
        {
            if (--_running == 0)
                Context.Stop(Self);
        });
    }

    public static Props Props(DeliveryServices services, IReadOnlyList<DeliveryStatus> statuses) =>
        Akka.Actor.Props.Create(() => new DeliveryGroupActor(services, statuses));
}
