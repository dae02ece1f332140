namespace Akka.Ingest.Stores.Files;

using Akka.Ingest.Storage;

/// <summary>What trouble with the disk means for whoever called.</summary>
internal static class FileFailures
{
    public const string Unexpected = "unexpected";

    /// <summary>True for what a disk does; it may pass.</summary>
    public static bool IsDisk(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static StoreFailure Of(Exception exception) => exception switch
    {
        InvalidDataException => new(StoreFailureKind.Permanent, "invalid-record", exception.Message, exception.GetType().FullName!),
        IOException or UnauthorizedAccessException => new(StoreFailureKind.Transient, "io", exception.Message, exception.GetType().FullName!),
        _ => new(StoreFailureKind.Transient, Unexpected, exception.Message, exception.GetType().FullName!),
    };
}
