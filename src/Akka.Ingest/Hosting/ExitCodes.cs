namespace Akka.Ingest.Hosting;

/// <summary>Exit codes of the process, named as in BSD's <c>sysexits.h</c>.</summary>
public static class ExitCodes
{
    /// <summary>EX_UNAVAILABLE: an address is in use or may not be bound.</summary>
    public const int AddressUnavailable = 69;

    /// <summary>EX_TEMPFAIL: another process holds the data folder.</summary>
    public const int LeaseHeld = 75;

    /// <summary>EX_CONFIG: wrong or contradictory settings.</summary>
    public const int Settings = 78;
}
