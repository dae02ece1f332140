namespace Akka.Ingest.Delivery;

using System.Globalization;
using Akka.Ingest.Model;

/// <summary>
/// Name of a dead-letter file: <c>{spool id, 32 hexadecimal digits}-p{partition}-{sequence, 12 digits}-{index, 6 digits}.ndjson</c>.
/// The offset is that of its first event, so that the same group always gets the same name.
/// </summary>
internal readonly record struct DeadLetterFileName(Guid SpoolId, int Partition, SpoolOffset First)
{
    public const string Extension = ".ndjson";
    public const string TemporaryExtension = ".ndjson.tmp";

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{SpoolId:N}-p{Partition}-{First.Sequence:D12}-{First.Index:D6}{Extension}");

    public static bool TryParse(string name, out DeadLetterFileName parsed)
    {
        parsed = default;
        if (!name.EndsWith(Extension, StringComparison.Ordinal))
            return false;
        var parts = name[..^Extension.Length].Split('-');
        if (parts is not [var spoolId, ['p', .. var partition], var sequence, var index]
            || !Guid.TryParseExact(spoolId, "N", out var id)
            || !TryNumber(partition, out var partitionNumber)
            || !TryNumber(sequence, out var sequenceNumber)
            || !TryNumber(index, out var indexNumber)
            || partitionNumber > int.MaxValue || indexNumber > int.MaxValue)
            return false;
        parsed = new DeadLetterFileName(id, (int)partitionNumber, new SpoolOffset(sequenceNumber, (int)indexNumber));
        return true;
    }

    private static bool TryNumber(string digits, out long number) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
