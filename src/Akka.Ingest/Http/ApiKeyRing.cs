namespace Akka.Ingest.Http;

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Akka.Ingest.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

/// <summary>The configured API keys. Follows changes of the settings without a restart; settings with mistakes leave the former keys in force.</summary>
internal sealed partial class ApiKeyRing : IDisposable
{
    private const int MaxKeyChars = 1_024;
    private readonly ILogger<ApiKeyRing> _logger;
    private readonly int _defaultRequestsPerMinute;
    private readonly IDisposable? _subscription;
    private volatile KeySet _keys;

    public ApiKeyRing(IOptionsMonitor<ApiKeySettings> settings, IOptions<StorageOptions> storage, ILogger<ApiKeyRing> logger)
    {
        _logger = logger;
        _defaultRequestsPerMinute = storage.Value.IngestionPipeline.MaxRequestsPerMinutePerApiKey;
        _keys = Read(settings.CurrentValue);
        _subscription = settings.OnChange(Replace);
    }

    /// <summary>No key is configured: callers from this machine need none.</summary>
    public bool IsEmpty => _keys.All.IsEmpty;

    /// <summary>Compares the hash with that of every key in constant time; null for an unknown key.</summary>
    public ApiKey? Find(ReadOnlySpan<char> key)
    {
        if (key.IsEmpty || key.Length > MaxKeyChars)
            return null;
        Span<byte> utf8 = stackalloc byte[MaxKeyChars * 3];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..Encoding.UTF8.GetBytes(key, utf8)], hash);
        ApiKey? found = null;
        foreach (var candidate in _keys.All)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, candidate.Hash.AsSpan()))
                found = candidate;
        }

        return found;
    }

    public void Dispose() => _subscription?.Dispose();

    private void Replace(ApiKeySettings settings)
    {
        if (settings.Mistakes.Count > 0)
        {
            foreach (var mistake in settings.Mistakes)
                Log.KeysNotReplaced(_logger, mistake.ToString());
            return;
        }

        _keys = Read(settings);
    }

    private KeySet Read(ApiKeySettings settings) => new(
    [
        .. settings.Keys.Select(options => new ApiKey(
            options.Id,
            options.KeyHash is { Length: > 0 } hash
                ? [.. Convert.FromHexString(hash)]
                : [.. SHA256.HashData(Encoding.UTF8.GetBytes(options.Key ?? ""))],
            ScopesOf(options),
            options.MinimumLevel,
            options.MaxRequestsPerMinute ?? _defaultRequestsPerMinute)),
    ]);

    private static ApiScopes ScopesOf(ApiKeyOptions options)
    {
        // A key that names no scope may send events and nothing else.
        if (options.Scopes.Count == 0)
            return ApiScopes.Ingest;
        var scopes = ApiScopes.None;
        foreach (var scope in options.Scopes)
            scopes |= Enum.Parse<ApiScopes>(scope, ignoreCase: true);
        return scopes;
    }

    private sealed record KeySet(ImmutableArray<ApiKey> All);

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "The API keys stay as they were, the changed settings are wrong: {Mistake}")]
        public static partial void KeysNotReplaced(ILogger logger, string mistake);
    }
}
