namespace Akka.Ingest.Redaction;

using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

/// <summary>The named regular expressions of the configuration. Thread-safe.</summary>
internal sealed class RedactionPatterns
{
    /// <summary>Longest search in one text by the engine that may go back; a text that takes longer is masked as a whole.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(500);

    /// <summary>The same for the linear engine, where only a stalled machine takes so long.</summary>
    private static readonly TimeSpan LinearMatchTimeout = TimeSpan.FromSeconds(10);

    private readonly Regex[] _patterns;
    private readonly string _mask;

    /// <exception cref="ArgumentException">A pattern is no regular expression; the message names the pattern.</exception>
    public RedactionPatterns(IEnumerable<KeyValuePair<string, string>> patterns, string mask)
    {
        _patterns = [.. patterns.Select(pair => Make(pair.Key, pair.Value))];
        _mask = mask;

        // The first match of a process compiles the engine, which on a busy machine can outlast the timeout of a real text.
        using var unused = new Utf8Buffer();
        if (Any)
            _ = TryMask("warm up"u8, unused);
    }

    public bool Any => _patterns.Length > 0;

    /// <summary>Appends the masked text and returns true; appends nothing and returns false when nothing matches.</summary>
    /// <param name="text">Valid UTF-8.</param>
    public bool TryMask(ReadOnlySpan<byte> text, Utf8Buffer output)
    {
        var rented = ArrayPool<char>.Shared.Rent(Encoding.UTF8.GetMaxCharCount(text.Length));
        try
        {
            var chars = rented.AsSpan(0, Encoding.UTF8.GetChars(text, rented));
            string? masked = null;
            foreach (var pattern in _patterns)
            {
                if (masked is null ? pattern.IsMatch(chars) : pattern.IsMatch(masked))
                    masked = pattern.Replace(masked ?? chars.ToString(), match => match.Length == 0 ? "" : _mask);
            }

            if (masked is null)
                return false;
            Append(output, masked);
        }
        catch (RegexMatchTimeoutException)
        {
            Append(output, _mask);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return true;
    }

    private static void Append(Utf8Buffer output, string text) =>
        output.Advance(Encoding.UTF8.GetBytes(text, output.Reserve(Encoding.UTF8.GetMaxByteCount(text.Length))));

    private static Regex Make(string name, string pattern)
    {
        try
        {
            try
            {
                // Linear in the length of the text whatever the pattern; look-arounds and back-references need the other engine.
                return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, LinearMatchTimeout);
            }
            catch (NotSupportedException)
            {
                return new Regex(pattern, RegexOptions.Compiled | RegexOptions.CultureInvariant, MatchTimeout);
            }
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"Redaction:Patterns:{name} is not a regular expression: {error.Message}", nameof(pattern), error);
        }
    }
}
