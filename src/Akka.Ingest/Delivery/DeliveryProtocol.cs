namespace Akka.Ingest.Delivery;

using Akka.Actor;

/// <summary>What <see cref="DeliveryActor"/> and <see cref="DeliveryGroupActor"/> are told.</summary>
internal static class DeliveryProtocol
{
    /// <summary>Stop reading, finish the write under way, confirm it, then stop. The watcher sees the actor end.</summary>
    public sealed record Stop : INoSerializationVerificationNeeded
    {
        public static readonly Stop Instance = new();
    }

    /// <summary>
    /// Drains and stops delivery. False when it had to be left with a write under way, whose outcome then is read from the
    /// store at the next start.
    /// </summary>
    public static async Task<bool> StopAsync(IActorRef delivery, TimeSpan timeout)
    {
        try
        {
            return await delivery.GracefulStop(timeout, Stop.Instance);
        }
        catch (TaskCanceledException)
        {
            return false;
        }
    }
}
