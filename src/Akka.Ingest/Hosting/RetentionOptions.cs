namespace Akka.Ingest.Hosting;

using System.ComponentModel.DataAnnotations;

/// <summary>Section <c>Storage:Retention</c>.</summary>
public sealed class RetentionOptions
{
    /// <summary>Default false: nothing is ever deleted.</summary>
    public bool Enabled { get; set; }

    /// <summary>Events received longer ago are deleted, in days; null = no limit.</summary>
    [Range(1, 36_500)]
    public int? MaxAgeDays { get; set; }

    /// <summary>The oldest events are deleted while the store is larger, in bytes; null = no limit.</summary>
    [Range(1_048_576, long.MaxValue)]
    public long? MaxSizeBytes { get; set; }

    /// <summary>How often, in minutes. Default 60.</summary>
    [Range(1, 10_080)]
    public int IntervalMinutes { get; set; } = 60;

    /// <summary>Dead letters are kept so long, in days; null = for ever.</summary>
    [Range(1, 36_500)]
    public int? DeadLetterMaxAgeDays { get; set; }
}
