namespace Akka.Ingest.Stores.Tests.Files;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Storage;
using Akka.Ingest.Stores.Files;
using Microsoft.Extensions.Logging.Abstractions;

public sealed class FileLogStoreTests : FolderStoreSpec
{
    private protected override ILogStore CreateStore(string folder, IStoreFileSystem files) =>
        new FileLogStore(new FileStoreSettings(folder), files, TimeProvider.System, NullLogger<FileLogStore>.Instance);

    // The line the byte is in; a newline belongs to the line that it ends.
    private protected override IEnumerable<EventId> MayBeLost(string file, byte[] content, int offset)
    {
        if (!file.EndsWith(".ndjson", StringComparison.Ordinal))
            return [];
        var start = content.AsSpan(0, offset).LastIndexOf((byte)'\n') + 1;
        return EventId.TryParse(Encoding.ASCII.GetString(content, start + LineFormat.IdOffset, EventId.TextLength), out var id) ? [id] : [];
    }
}
