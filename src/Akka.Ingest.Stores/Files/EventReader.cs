namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Storage;

/// <summary>Reads whole events from their lines.</summary>
internal static class EventReader
{
    /// <summary>The event at a place; null when the line does not hold any more.</summary>
    public static StoredEvent? Read(Match match)
    {
        var bytes = new byte[match.Length];
        if (match.File.File.Read(match.Start, bytes) < bytes.Length || !EventLine.TryVerify(bytes, out var line))
            return null;
        using var decoder = new EventLineDecoder();
        return Decode(decoder, line);
    }

    public static StoredEvent Decode(EventLineDecoder decoder, in EventLine line)
    {
        decoder.ReadKey(line);
        decoder.ReadId(line);
        var end = decoder.ReadOrigin(line);
        decoder.ReadRecord(line, end);
        return new StoredEvent(decoder.Id, new DateTime(decoder.ReceivedTicks, DateTimeKind.Utc), decoder.ApiKeyId, decoder.Record.ToArray());
    }
}
