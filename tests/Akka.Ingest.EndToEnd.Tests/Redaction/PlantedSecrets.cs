namespace Akka.Ingest.EndToEnd.Tests.Redaction;

using System.Text;

/// <summary>Makes up secrets that occur nowhere else, and looks for them in raw bytes.</summary>
internal sealed class PlantedSecrets
{
    private const string Letters = "BCDFGHJKLMNPQRSTVWXZbcdfghjkmnpqrstvwxz";
    private readonly List<(string Where, string Secret)> _planted = [];

    public string Plant(string where) => Plant(where, string.Concat(Enumerable.Range(0, 32).Select(_ => Letters[Random.Shared.Next(Letters.Length)])));

    public string Plant(string where, string secret)
    {
        _planted.Add((where, secret));
        return secret;
    }

    /// <summary>Where a secret, or half of one (a page boundary may cut it), is found.</summary>
    public IEnumerable<string> FindIn(string name, byte[] bytes) =>
        from planted in _planted
        from part in new[] { planted.Secret[..(planted.Secret.Length / 2)], planted.Secret[(planted.Secret.Length / 2)..] }
        where bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(part)) >= 0
        select $"the secret in {planted.Where} is in {name}";
}
