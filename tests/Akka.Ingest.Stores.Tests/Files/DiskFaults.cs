namespace Akka.Ingest.Stores.Tests.Files;

/// <summary>What goes wrong with one step on the disk.</summary>
public enum DiskFault
{
    None,

    /// <summary>Nothing done, an error; the next steps work again.</summary>
    Fail,

    /// <summary>The first half of the bytes written, an error (the disk is full); the next steps work again.</summary>
    CutThenFail,

    /// <summary>The first half of the bytes written, then the power goes.</summary>
    CutThenCrash,

    /// <summary>The power goes before the step.</summary>
    CrashBefore,

    /// <summary>The step is done, then the power goes before anybody hears of it.</summary>
    CrashAfter,
}

/// <summary>What a power cut takes of the bytes that no flush covers.</summary>
public enum UnflushedBytes
{
    Lost,
    Kept,

    /// <summary>The first half is on the disk, the rest is not.</summary>
    Cut,

    /// <summary>The file has its new length, the middle of what was written is zeros.</summary>
    Holed,
}

/// <summary>What a power cut takes of new names, renames and deletions in a folder that was not flushed.</summary>
public enum UnflushedNames
{
    Kept,
    Undone,
}

/// <summary>The power cut as a whole.</summary>
public readonly record struct PowerLoss(UnflushedBytes Bytes, UnflushedNames Names)
{
    /// <summary>The process dies, the machine stays up.</summary>
    public static readonly PowerLoss ProcessOnly = new(UnflushedBytes.Kept, UnflushedNames.Kept);

    public static readonly IReadOnlyList<PowerLoss> All =
    [
        ProcessOnly,
        new(UnflushedBytes.Lost, UnflushedNames.Undone),
        new(UnflushedBytes.Lost, UnflushedNames.Kept),
        new(UnflushedBytes.Cut, UnflushedNames.Kept),
        new(UnflushedBytes.Holed, UnflushedNames.Kept),
        new(UnflushedBytes.Kept, UnflushedNames.Undone),
    ];
}
