namespace Akka.Ingest.Stores.Files;

/// <summary>
/// An open day file, shared by the writer and the queries. It is closed when the last of them gives it back, so that a query goes on reading
/// a file that retention has removed or replaced.
/// </summary>
internal sealed class DayFile(DateOnly day, IStoreFile file)
{
    private int _users = 1;

    public DateOnly Day => day;

    public IStoreFile File => file;

    public string Name => FileStorePaths.LinesName(day);

    /// <summary>False when it is closed already.</summary>
    public bool TryUse()
    {
        for (var users = Volatile.Read(ref _users); users > 0; users = Volatile.Read(ref _users))
        {
            if (Interlocked.CompareExchange(ref _users, users + 1, users) == users)
                return true;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            file.Dispose();
    }
}
