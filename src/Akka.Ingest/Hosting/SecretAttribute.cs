namespace Akka.Ingest.Hosting;

/// <summary>A setting whose value is never shown.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;

/// <summary>A setting that names a place on this machine: hidden outside Development.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PlaceAttribute : Attribute;
