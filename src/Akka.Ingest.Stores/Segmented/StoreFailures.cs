namespace Akka.Ingest.Stores.Segmented;

using Akka.Ingest.Storage;

/// <summary>What an error means for whoever writes or asks.</summary>
internal static class StoreFailures
{
    public const string Unexpected = "unexpected";

    public static StoreFailure Of(Exception exception) => exception switch
    {
        InvalidDataException => new(StoreFailureKind.Permanent, "invalid-record", exception.Message, exception.GetType().FullName!),
        IOException or UnauthorizedAccessException => Io(exception),
        _ => new(StoreFailureKind.Transient, Unexpected, exception.Message, exception.GetType().FullName!),
    };

    public static StoreException NotOpen() =>
        new(new StoreFailure(StoreFailureKind.Transient, "segmented:not-open", "The store is not open yet.", typeof(StoreException).FullName!));

    public static StoreException TooSlow() => new(new StoreFailure(
        StoreFailureKind.Throttled, "segmented:timeout", "The query took too long; ask for a shorter time range.", typeof(TimeoutException).FullName!));

    public static StoreException NewerVersion(string folder, int found, int known) => new(new StoreFailure(
        StoreFailureKind.Permanent,
        "segmented:newer-version",
        $"The store in '{folder}' has schema version {found}; this program knows versions up to {known}. Run the newer program again, or restore a backup made before.",
        typeof(StoreException).FullName!));

    public static StoreException Unreadable(string file) => new(new StoreFailure(
        StoreFailureKind.Transient,
        "segmented:manifest",
        $"Neither copy in '{file}' can be read. Restore the file from a backup of the store.",
        typeof(StoreException).FullName!));

    public static StoreException MissingManifest(string file) => new(new StoreFailure(
        StoreFailureKind.Transient,
        "segmented:manifest",
        $"'{file}' is missing though there are segments beside it. Restore the file from a backup of the store; without it nothing is deleted.",
        typeof(StoreException).FullName!));

    private static StoreFailure Io(Exception exception) => new(StoreFailureKind.Transient, "io", exception.Message, exception.GetType().FullName!);
}
