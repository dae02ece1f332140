namespace Akka.Ingest.Redaction;

/// <summary>
/// Names that hold secrets nearly everywhere. How a name is compared with them: <see cref="SensitiveNames"/>. The plural
/// <c>tokens</c> is left out on purpose: it counts words for language models far more often than it holds a secret.
/// </summary>
internal static class DefaultSensitiveKeys
{
    public static readonly string[] All =
    [
        "password", "passwords", "passwd", "pwd", "passphrase", "passcode",
        "secret", "secrets", "token", "jwt", "authorization", "cookie", "cookies",
        "api key", "api keys", "access key", "access keys", "private key", "private keys",
        "secret key", "account key", "signing key", "encryption key", "shared key",
        "credential", "credentials", "connection string", "connection strings", "session id",
    ];
}
