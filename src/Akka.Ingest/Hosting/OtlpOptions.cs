namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;

/// <summary>Section <c>Otlp</c>.</summary>
public sealed class OtlpOptions
{
    public const string Section = "Otlp";

    /// <summary>Port for OTLP over gRPC; 0 = off. Default 4317.</summary>
    [Range(0, 65_535)]
    public int GrpcPort { get; set; } = 4317;
}
