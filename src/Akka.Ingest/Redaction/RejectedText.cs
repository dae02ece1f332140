namespace Akka.Ingest.Redaction;

using System.Text;
using System.Text.Json;

/// <summary>
/// The text of an event that could not be taken, as a dead letter keeps it: redacted first, cut afterwards, so that the
/// end of the kept part never shows the start of a secret.
/// </summary>
internal static class RejectedText
{
    /// <summary>Longest text kept, in bytes.</summary>
    public const int MaxBytes = 8 * 1024;

    private static readonly JsonReaderOptions ManyValues = new() { MaxDepth = int.MaxValue, AllowMultipleValues = true };

    /// <summary>
    /// Appends the text. As far as it is JSON, values are masked as in any event; from the first mistake on the text rules
    /// apply. Returns true when a secret may go on in the line that follows.
    /// </summary>
    /// <param name="raw">As received; bytes that are not UTF-8 become U+FFFD, NUL is left out (UTF-16 shows up as text).</param>
    public static bool Append(RedactionWalk walk, ReadOnlySpan<byte> raw, Utf8Buffer output)
    {
        var text = walk.Rent();
        var masked = walk.Rent();
        var patterned = walk.Rent();
        AppendValid(raw, text);
        var isOpen = Mask(walk, text.Written, masked);
        var patterns = walk.Rules.Patterns;
        var result = patterns.Any && patterns.TryMask(masked.Written, patterned) ? patterned.Written : masked.Written;
        output.Append(result[..JsonText.CutLength(result, MaxBytes)]);
        walk.Return(text);
        walk.Return(masked);
        walk.Return(patterned);
        return isOpen;
    }

    private static bool Mask(RedactionWalk walk, ReadOnlySpan<byte> text, Utf8Buffer output)
    {
        // Text lines are met often and must not cost an exception each.
        if (text.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..])
            return walk.Rules.TextRules.Append(text, 0, output);

        var copied = 0;
        var good = 0;
        var isSecretNext = false;
        try
        {
            var reader = new Utf8JsonReader(text, ManyValues);
            while (reader.Read())
            {
                isSecretNext = false;
                if (reader.TokenType == JsonTokenType.PropertyName && walk.Rules.IsSensitive(ref reader))
                {
                    good = (int)reader.BytesConsumed;
                    isSecretNext = true;
                    walk.RedactName(ref reader, text, ref copied, output);
                }
                else if (reader.TokenType == JsonTokenType.String && walk.Rules.MayConcern(reader.ValueSpan))
                {
                    walk.RedactString(ref reader, text, ref copied, output, level: 0);
                }

                good = (int)reader.BytesConsumed;
            }

            output.Append(text[copied..]);
            return false;
        }
        catch (JsonException)
        {
            // The value of a sensitive name is the last thing that was read, whole or in part: nothing behind it is safe.
            if (good > copied)
                output.Append(text[copied..good]);
            var rest = Math.Max(good, copied);
            if (!isSecretNext || (copied == good && IsEndOfValue(text[rest..])))
                return walk.Rules.TextRules.Append(text, rest, output);
            output.Append(walk.Rules.MaskText);
            return true;
        }
    }

    private static bool IsEndOfValue(ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart(" \t\r\n"u8);
        return rest.IsEmpty || rest[0] is (byte)',' or (byte)'}' or (byte)']';
    }

    private static void AppendValid(ReadOnlySpan<byte> raw, Utf8Buffer output)
    {
        while (!raw.IsEmpty)
        {
            var end = raw.IndexOf((byte)0);
            var run = end < 0 ? raw : raw[..end];
            raw = raw[(end < 0 ? raw.Length : end + 1)..];
            if (System.Text.Unicode.Utf8.IsValid(run))
                output.Append(run);
            else
                AppendRepaired(run, output);
        }
    }

    private static void AppendRepaired(ReadOnlySpan<byte> run, Utf8Buffer output)
    {
        while (!run.IsEmpty)
        {
            var isValid = Rune.DecodeFromUtf8(run, out var rune, out var used) == System.Buffers.OperationStatus.Done;
            if (isValid)
                output.Append(run[..used]);
            else
                output.Advance(rune.EncodeToUtf8(output.Reserve(4)));
            run = run[used..];
        }
    }
}
