namespace Akka.Ingest.EndToEnd.Tests.Harness;

using System.Globalization;
using System.Text;
using System.Text.Json;

/// <summary>The events of one request, each of which can be told from every other: client, batch, place in the batch.</summary>
internal readonly record struct NumberedBatch(int Client, int Batch, int Count)
{
    private static readonly string Padding = new('x', 90);

    public string Key => string.Create(CultureInfo.InvariantCulture, $"client-{Client}-batch-{Batch}");

    public byte[] ToNdjson() => Lines(static (text, batch, index) => text.Append(CultureInfo.InvariantCulture,
        $$$"""{"timestamp":"2026-11-24T08:00:00.000Z","level":"Information","message":"{{{batch.Message(index)}}}","source":"e2e","properties":{"c":{{{batch.Client}}},"b":{{{batch.Batch}}},"i":{{{index}}}}}"""));

    public byte[] ToClef() => Lines(static (text, batch, index) => text.Append(CultureInfo.InvariantCulture,
        $$$"""{"@t":"2026-11-24T08:00:00.000Z","@m":"{{{batch.Message(index)}}}","c":{{{batch.Client}}},"b":{{{batch.Batch}}},"i":{{{index}}}}"""));

    public string Message(int index) => string.Create(CultureInfo.InvariantCulture, $"numbered {Client}/{Batch}/{index} {Padding}");

    private byte[] Lines(Action<StringBuilder, NumberedBatch, int> append)
    {
        var text = new StringBuilder(Count * 280);
        for (var index = 0; index < Count; index++)
        {
            append(text, this, index);
            text.Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

/// <summary>A numbered event as it came back from a query.</summary>
internal readonly record struct NumberedEvent(string Id, int Client, int Batch, int Index, string Message)
{
    /// <summary>Null for an event that no <see cref="NumberedBatch"/> made.</summary>
    public static NumberedEvent? From(JsonElement found)
    {
        if (!found.TryGetProperty("properties", out var properties) || !properties.TryGetProperty("c", out var client))
            return null;
        return new NumberedEvent(
            found.GetProperty("id").GetString()!,
            client.GetInt32(),
            properties.GetProperty("b").GetInt32(),
            properties.GetProperty("i").GetInt32(),
            found.GetProperty("message").GetString()!);
    }
}
