namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;
using Akka.Ingest.Model;

/// <summary>One element of the list <c>ApiKeys</c>.</summary>
public sealed class ApiKeyOptions
{
    public const string Section = "ApiKeys";

    /// <summary>Name of the key, shown everywhere; never secret.</summary>
    public string Id { get; set; } = "";

    /// <summary>The key itself. Give this or <see cref="KeyHash"/>.</summary>
    [Secret]
    public string? Key { get; set; }

    /// <summary>SHA-256 of the key, 64 hexadecimal digits.</summary>
    [Secret]
    public string? KeyHash { get; set; }

    /// <summary><c>ingest</c>, <c>read</c>, <c>admin</c>; none named = <c>ingest</c>.</summary>
    public IList<string> Scopes { get; set; } = [];

    /// <summary>Told to Seq clients, never enforced.</summary>
    public Severity? MinimumLevel { get; set; }

    /// <summary>Requests a minute on each node; absent = <c>MaxRequestsPerMinutePerApiKey</c>, 0 = no limit.</summary>
    [Range(0, int.MaxValue)]
    public int? MaxRequestsPerMinute { get; set; }

    public QuotaOptions? Quota { get; set; }
}

/// <summary>What a key may send in a day (UTC) over all nodes.</summary>
public sealed class QuotaOptions
{
    /// <summary>Events; null = no limit.</summary>
    [Range(1, long.MaxValue)]
    public long? EventsPerDay { get; set; }

    /// <summary>Bytes of decoded bodies; null = no limit.</summary>
    [Range(1, long.MaxValue)]
    public long? BytesPerDay { get; set; }
}
