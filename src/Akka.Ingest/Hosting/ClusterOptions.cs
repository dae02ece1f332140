namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;

/// <summary>Section <c>Cluster</c>: how nodes find one another.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>Default false: one node.</summary>
    public bool Enabled { get; set; }

    /// <summary>Name under which the other nodes reach this one.</summary>
    public string? Hostname { get; set; }

    /// <summary>Port between nodes; 0 takes any free one. Default 4053.</summary>
    [Range(0, 65_535)]
    public int Port { get; set; } = 4053;

    /// <summary>First contacts, each <c>host:port</c>.</summary>
    public IList<string> SeedNodes { get; set; } = [];

    public IList<string> Roles { get; set; } = [];
}
