namespace Akka.Ingest.Redaction;

using Akka.Ingest.Hosting;

// Stand-in until the real redactor is merged.
public sealed class Redactor(RedactionOptions options)
{
    public RedactionOptions Options { get; } = options;
}
