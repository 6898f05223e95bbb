using System.Buffers;
using System.Globalization;
using System.Text;

namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// The character classes of the reference implementation's language where .NET draws the line elsewhere. They decide where a word
/// ends and whether it counts as shouted, so scores depend on them.
/// </summary>
internal static class PythonText
{
    private const char KelvinSign = '\u212A';

    /// <summary>As <c>str.split</c> sees it: unlike <see cref="char.IsWhiteSpace(char)"/>, with U+001C to U+001F.</summary>
    public static bool IsWhiteSpace(char c) => c switch
    {
        <= ' ' => c is ' ' or (>= '\t' and <= '\r') or (>= '\u001C' and <= '\u001F'),
        < '\u0085' => false,
        _ => c is '\u0085' or '\u00A0' or '\u1680' or (>= '\u2000' and <= '\u200A')
            or '\u2028' or '\u2029' or '\u202F' or '\u205F' or '\u3000',
    };

    /// <summary>
    /// Lower-cases what can become an ASCII letter and leaves the rest: the vocabulary is ASCII, so no other letter can match.
    /// Ordinal ignore-case comparison would not do: it takes U+017F for an S, and the Kelvin sign not for a K.
    /// </summary>
    public static void ToLower(ReadOnlySpan<char> source, Span<char> destination)
    {
        if (Ascii.ToLower(source, destination, out _) == OperationStatus.Done)
            return;

        for (var i = 0; i < source.Length; i++)
        {
            var c = source[i];
            destination[i] = char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c == KelvinSign ? 'k' : c;
        }
    }

    /// <summary>As <c>str.isupper</c>: at least one cased character, and no lower- or title-case one.</summary>
    public static bool IsUpper(ReadOnlySpan<char> word)
    {
        var cased = false;
        for (var i = 0; i < word.Length; i++)
        {
            var c = word[i];
            if (!char.IsAscii(c))
                return IsUpper(word[i..], cased);
            if (char.IsAsciiLetterLower(c))
                return false;
            cased |= char.IsAsciiLetterUpper(c);
        }

        return cased;
    }

    private static bool IsUpper(ReadOnlySpan<char> word, bool cased)
    {
        while (!word.IsEmpty)
        {
            // A lone surrogate decodes to U+FFFD, which has no case either.
            Rune.DecodeFromUtf16(word, out var rune, out var length);
            word = word[length..];
            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter:
                    return false;
                case UnicodeCategory.UppercaseLetter:
                    cased = true;
                    break;
                default:
                    if (Contains(OtherLowercase, rune.Value))
                        return false;
                    cased |= Contains(OtherUppercase, rune.Value);
                    break;
            }
        }

        return cased;
    }

    private static bool Contains(ReadOnlySpan<(int First, int Last)> ranges, int codePoint)
    {
        foreach (var (first, last) in ranges)
        {
            if (codePoint < first)
                return false;
            if (codePoint <= last)
                return true;
        }

        return false;
    }

    // Unicode's Other_Uppercase and Other_Lowercase (PropList.txt): cased characters outside the categories Lu and Ll.
    private static readonly (int First, int Last)[] OtherUppercase =
    [
        (0x2160, 0x216F), (0x24B6, 0x24CF), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189),
    ];

    private static readonly (int First, int Last)[] OtherLowercase =
    [
        (0xAA, 0xAA), (0xBA, 0xBA), (0x2B0, 0x2B8), (0x2C0, 0x2C1), (0x2E0, 0x2E4), (0x345, 0x345), (0x37A, 0x37A),
        (0x1D2C, 0x1D6A), (0x1D78, 0x1D78), (0x1D9B, 0x1DBF), (0x2071, 0x2071), (0x207F, 0x207F), (0x2090, 0x209C),
        (0x2170, 0x217F), (0x24D0, 0x24E9), (0x2C7C, 0x2C7D), (0xA69C, 0xA69D), (0xA770, 0xA770), (0xA7F8, 0xA7F9),
        (0xAB5C, 0xAB5F), (0x10780, 0x10780), (0x10783, 0x10785), (0x10787, 0x107B0), (0x107B2, 0x107BA),
    ];
}
