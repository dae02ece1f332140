namespace Akka.Ingest.Stores.Sql.Sqlite;

using System.Globalization;
using System.Text;

/// <summary>
/// The order of spools in the text of event ids. Packed ids sort by the number under which the store met a spool, which is another order
/// wherever several partitions began at once; events of one time must come in the order of their ids all the same.
/// </summary>
internal sealed class SpoolRanks
{
    /// <summary>Sorts before and after every rank.</summary>
    public const string Lowest = "";
    public const string Highest = "~";

    private const int Digits = 3;
    private readonly string _text;

    public SpoolRanks(IReadOnlyDictionary<int, Guid> spools)
    {
        var ranks = new int[PackedId.MaxSpools];
        var rank = 0;
        var last = -1;
        IsNumberOrder = true;
        foreach (var (number, _) in spools.OrderBy(spool => spool.Value.ToString("N"), StringComparer.Ordinal))
        {
            ranks[number] = rank++;
            IsNumberOrder &= number > last;
            last = number;
        }

        var text = new StringBuilder(ranks.Length * Digits);
        foreach (var value in ranks)
            text.Append(value.ToString("D3", CultureInfo.InvariantCulture));
        _text = text.ToString();
    }

    /// <summary>True where packed ids have the order of ids anyway.</summary>
    public bool IsNumberOrder { get; }

    /// <summary>The ranks of all numbers one behind the other, for <see cref="Sql"/>.</summary>
    public string Table => _text;

    /// <summary>Rank of a row as text that sorts like it; parameter 4 is <see cref="Table"/>.</summary>
    public const string Sql = "substr(?4, (id >> 54) * 3 + 1, 3)";

    public string Of(long packedId) => _text.Substring((PackedId.SpoolNumber(packedId) & (PackedId.MaxSpools - 1)) * Digits, Digits);

    /// <summary>Order by time, then by id.</summary>
    public int Compare(in ScanPlace left, in ScanPlace right)
    {
        if (left.Ticks != right.Ticks)
            return left.Ticks.CompareTo(right.Ticks);
        var order = string.CompareOrdinal(left.Rank, right.Rank);
        return order != 0 ? order : left.PackedId.CompareTo(right.PackedId);
    }

    public ScanPlace PlaceOf(in ScannedRow row) => new(row.TimestampTicks, Of(row.PackedId), row.PackedId);
}

/// <summary>A place in time order.</summary>
internal readonly record struct ScanPlace(long Ticks, string Rank, long PackedId);
