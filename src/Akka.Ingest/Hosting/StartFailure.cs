namespace Akka.Ingest.Hosting;

using System.Net.Sockets;
using Akka.Ingest.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

/// <summary>A start that fails for a reason the operator can mend: a message and an exit code instead of a stack trace.</summary>
/// <param name="ExitCode">See <see cref="ExitCodes"/>.</param>
/// <param name="Messages">One a mistake.</param>
public sealed record StartFailure(int ExitCode, IReadOnlyList<string> Messages)
{
    /// <summary>Null for an exception that is none of these, which is a bug or news.</summary>
    public static StartFailure? Of(Exception exception) => exception switch
    {
        SettingsException settings => new(ExitCodes.Settings, [.. settings.Mistakes.Select(mistake => mistake.ToString())]),
        OptionsValidationException options => new(ExitCodes.Settings, [.. options.Failures]),
        SpoolConfigurationException spool => new(ExitCodes.Settings, [spool.Message]),
        StoreException store => new(ExitCodes.Settings, [store.Message]),
        LeaseHeldException lease => new(ExitCodes.LeaseHeld, [lease.Message]),
        AggregateException { InnerExceptions: [var single] } => Of(single),
        IOException { InnerException: AddressInUseException } => new(
            ExitCodes.AddressUnavailable, [$"{exception.Message} Stop what listens there, or choose another address with --urls or ASPNETCORE_URLS."]),
        SocketException or IOException { InnerException: SocketException } => new(
            ExitCodes.AddressUnavailable, [$"The address cannot be bound: {exception.Message} Choose another with --urls or ASPNETCORE_URLS."]),
        _ => null,
    };

    public void WriteTo(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (var message in Messages)
            writer.WriteLine(message);
    }
}
