namespace Akka.Ingest.Hosting;

/// <summary>The spool on disk does not go with the settings. The process ends with exit code 78; the message is for people.</summary>
public sealed class SpoolConfigurationException(string message) : Exception(message);
