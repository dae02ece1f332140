namespace Akka.Ingest.Stores.Sql.PostgreSql;

using System.Text;
using Akka.Ingest.Model;
using Akka.Ingest.Query;

/// <summary>
/// The folded text that a trigram index is made of, and the pattern that finds a superset of the events that contain a text. Type text
/// takes no NUL, so U+0000 is a space in both; that only adds events, which the filter then refuses.
/// </summary>
internal static class PostgreSqlText
{
    /// <summary>A trigram index serves a text with so many letters or digits in a row; for a shorter one it would be read whole.</summary>
    private const int LeastLetters = 3;

    /// <summary>Message (template where there is no message) and exception, folded, joined by a line feed.</summary>
    public static byte[] Of(in EventRecord record)
    {
        var message = LogText.Fold(record[record.Has(EventField.Message) ? EventField.Message : EventField.MessageTemplate]);
        byte[] text = record.Has(EventField.Exception) ? [.. message, (byte)'\n', .. LogText.Fold(record[EventField.Exception])] : message;
        text.AsSpan().Replace((byte)0, (byte)' ');
        return text;
    }

    /// <summary>True where the index helps.</summary>
    public static bool IsServed(ReadOnlySpan<byte> folded)
    {
        var run = 0;
        foreach (var rune in Encoding.UTF8.GetString(folded).EnumerateRunes())
        {
            run = Rune.IsLetterOrDigit(rune) ? run + 1 : 0;
            if (run >= LeastLetters)
                return true;
        }

        return false;
    }

    /// <summary>Pattern for LIKE with backslash as its escape.</summary>
    public static string PatternOf(ReadOnlySpan<byte> folded)
    {
        var pattern = new StringBuilder("%");
        foreach (var letter in Encoding.UTF8.GetString(folded))
        {
            if (letter is '%' or '_' or '\\')
                pattern.Append('\\');
            pattern.Append(letter == '\0' ? ' ' : letter);
        }

        return pattern.Append('%').ToString();
    }
}
