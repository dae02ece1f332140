namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;

/// <summary>Section <c>Redaction</c>.</summary>
public sealed class RedactionOptions
{
    public const string Section = "Redaction";

    /// <summary>Names whose values are masked at any depth, added to the defaults; case, <c>_</c>, <c>-</c>, <c>.</c> and spaces do not matter.</summary>
    public IList<string> SensitiveKeys { get; set; } = [];

    /// <summary>What stands in place of a masked value.</summary>
    [Required(AllowEmptyStrings = true)]
    public string Mask { get; set; } = "***";

    /// <summary>Longest <c>body</c> kept, in bytes of JSON; the rest is cut and marked. Default 256 KiB.</summary>
    [Range(64, 268_435_456)]
    public int MaxBodyLength { get; set; } = 256 * 1024;

    /// <summary>Name to regular expression; what matches in any text is replaced by <see cref="Mask"/>.</summary>
    public IDictionary<string, string> Patterns { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
