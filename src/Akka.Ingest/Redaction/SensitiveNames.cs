namespace Akka.Ingest.Redaction;

using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

/// <summary>Tells whether the value under a name is a secret.</summary>
/// <remarks>
/// Names and keys are compared in normal form: lower case, only letters and digits. A name is sensitive when it equals a
/// key or ends with it (<c>userpassword</c>), or when the key covers whole words of it (<c>passwordHash</c>,
/// <c>X-Api-Key</c>); words end at separators, at camelCase humps and between letters and digits. So <c>prompt_tokens</c>
/// and <c>tokenizer</c> are not sensitive. Thread-safe.
/// </remarks>
internal sealed class SensitiveNames
{
    private const int CacheBits = 11;
    private const int MaxCachedLength = 64;
    private const int StackLimit = 256;

    private readonly string[] _keys;

    /// <summary>Last letters of the keys, a cheap first look for texts; a letter outside ASCII lets every text through.</summary>
    private readonly bool[] _lastBytes = new bool[256];

    /// <summary>Answers for names seen lately. A slot is replaced as a whole, so a race costs at most a second look.</summary>
    private readonly Answer?[] _cache = new Answer?[1 << CacheBits];

    public SensitiveNames(IEnumerable<string> keys)
    {
        _keys = [.. keys.Select(NormalForm).Where(key => key.Length > 0).Distinct(StringComparer.Ordinal)];
        foreach (var last in _keys.Select(key => key[^1]))
        {
            if (last >= 0x80)
                Array.Fill(_lastBytes, true);
            else
                _lastBytes[last] = _lastBytes[char.ToUpperInvariant(last)] = true;
        }
    }

    /// <param name="name">Unescaped UTF-8.</param>
    public bool Contains(ReadOnlySpan<byte> name)
    {
        if (name.Length > MaxCachedLength)
            return Matches(name, endOnly: false);
        ref var slot = ref _cache[Slot(name)];
        var answer = slot;
        if (answer is not null && name.SequenceEqual(answer.Name))
            return answer.IsSensitive;
        answer = new Answer(name.ToArray(), Matches(name, endOnly: false));
        slot = answer;
        return answer.IsSensitive;
    }

    /// <summary>True when the last words of a text are a key, as in <c>the api key: …</c>.</summary>
    public bool EndWords(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && (_lastBytes[text[^1]] || text[^1] >= 0x80) && Matches(text, endOnly: true);

    private bool Matches(ReadOnlySpan<byte> name, bool endOnly)
    {
        char[]? rented = null;
        bool[]? rentedStarts = null;
        var chars = name.Length <= StackLimit
            ? stackalloc char[StackLimit]
            : rented = ArrayPool<char>.Shared.Rent(name.Length);
        var starts = name.Length <= StackLimit
            ? stackalloc bool[StackLimit + 1]
            : rentedStarts = ArrayPool<bool>.Shared.Rent(name.Length + 1);
        var length = Normalize(name, chars, starts);
        var found = MatchesNormalForm(chars[..length], starts, endOnly);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        if (rentedStarts is not null)
            ArrayPool<bool>.Shared.Return(rentedStarts);
        return found;
    }

    private bool MatchesNormalForm(ReadOnlySpan<char> name, ReadOnlySpan<bool> wordStarts, bool endOnly)
    {
        if (name.IsEmpty)
            return false;
        foreach (var key in _keys)
        {
            if (key[^1] == name[^1] && name.EndsWith(key, StringComparison.Ordinal) && (!endOnly || wordStarts[name.Length - key.Length]))
                return true;
        }

        for (var word = 0; word < name.Length && !endOnly; word++)
        {
            if (wordStarts[word] && CoversWords(name[word..], wordStarts[word..]))
                return true;
        }

        return false;
    }

    private bool CoversWords(ReadOnlySpan<char> words, ReadOnlySpan<bool> wordStarts)
    {
        foreach (var key in _keys)
        {
            if (key[0] == words[0] && words.StartsWith(key, StringComparison.Ordinal) && wordStarts[key.Length])
                return true;
        }

        return false;
    }

    private static string NormalForm(string key)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        var chars = new char[bytes.Length];
        return new string(chars, 0, Normalize(bytes, chars, new bool[bytes.Length + 1]));
    }

    /// <summary>
    /// Writes the normal form and marks where words start; the position after the last character counts as a start.
    /// UTF-16 never has more units than UTF-8 has bytes, so spans as long as the name are enough.
    /// </summary>
    private static int Normalize(ReadOnlySpan<byte> name, Span<char> chars, Span<bool> wordStarts)
    {
        var length = 0;
        var before = Kind.Separator;
        var beforeThat = Kind.Separator;
        while (!name.IsEmpty)
        {
            _ = Rune.DecodeFromUtf8(name, out var rune, out var used);
            name = name[used..];
            var kind = KindOf(rune);
            if (kind != Kind.Separator)
            {
                // "APIKey": the hump starts at the last capital of a run, known only when a small letter follows.
                if (kind == Kind.Small && before == Kind.Capital && beforeThat == Kind.Capital)
                    wordStarts[length - 1] = true;
                var starts = before == Kind.Separator || (kind == Kind.Capital && before == Kind.Small)
                    || (kind == Kind.Digit) != (before == Kind.Digit);
                var lower = Rune.ToLowerInvariant(rune);
                var units = lower.EncodeToUtf16(chars[length..]);
                wordStarts[length] = starts;
                if (units == 2)
                    wordStarts[length + 1] = false;
                length += units;
            }

            beforeThat = before;
            before = kind;
        }

        wordStarts[length] = true;
        return length;
    }

    private static Kind KindOf(Rune rune) => rune switch
    {
        _ when Rune.IsUpper(rune) => Kind.Capital,
        _ when Rune.IsLetter(rune) => Kind.Small,
        _ when Rune.IsDigit(rune) => Kind.Digit,
        _ => Kind.Separator,
    };

    private static int Slot(ReadOnlySpan<byte> name)
    {
        ulong head;
        ulong tail;
        if (name.Length >= 8)
        {
            head = BinaryPrimitives.ReadUInt64LittleEndian(name);
            tail = BinaryPrimitives.ReadUInt64LittleEndian(name[^8..]);
        }
        else if (name.Length >= 4)
        {
            head = BinaryPrimitives.ReadUInt32LittleEndian(name);
            tail = BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]);
        }
        else
        {
            head = name.IsEmpty ? 0UL : name[0];
            tail = name.IsEmpty ? 0UL : (uint)((name[^1] << 8) | name[name.Length / 2]);
        }

        var mixed = (head ^ BitOperations.RotateLeft(tail, 23) ^ (ulong)name.Length) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> (64 - CacheBits));
    }

    private enum Kind : byte
    {
        Separator,
        Small,
        Capital,
        Digit,
    }

    private sealed record Answer(byte[] Name, bool IsSensitive);
}
