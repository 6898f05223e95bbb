using System.Buffers;
using System.Globalization;
using System.Text;

namespace SignalFlow.Processing.Keywords;

/// <summary>How a script shows where its words end.</summary>
internal enum WordScript : byte
{
    None,
    Spaced,

    /// <summary>Chinese characters, in Chinese and Japanese text.</summary>
    Han,
    Hiragana,
    Katakana,

    /// <summary>Thai, Lao, Myanmar, Khmer: spaces between phrases only.</summary>
    SouthEastAsian,
}

/// <summary>Tells the characters that words consist of.</summary>
internal static class WordCharacters
{
    /// <summary>
    /// The script of the letter or digit at <paramref name="index"/>, and how many chars it takes; <see cref="WordScript.None"/> for
    /// anything else, lone surrogates and NUL included.
    /// </summary>
    public static WordScript ScriptAt(ReadOnlySpan<char> text, int index, out int width)
    {
        width = 1;
        var c = text[index];
        if (char.IsAscii(c))
            return char.IsAsciiLetterOrDigit(c) ? WordScript.Spaced : WordScript.None;
        if (Rune.DecodeFromUtf16(text[index..], out var rune, out width) != OperationStatus.Done)
            return WordScript.None;

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
                or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber => ScriptOf(rune.Value),
            _ => WordScript.None,
        };
    }

    /// <summary>A combining mark: part of a word, never its beginning. Variation selectors, which follow emoji, are no part of one.</summary>
    public static bool IsMark(char c) =>
        c >= '\u0300'
        && c is not (>= '\uFE00' and <= '\uFE0F')
        && char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static WordScript ScriptOf(int codePoint) => codePoint switch
    {
        < 0x0E00 => WordScript.Spaced,
        <= 0x0EFF or (>= 0x1000 and <= 0x109F) or (>= 0x1780 and <= 0x17FF) => WordScript.SouthEastAsian,
        >= 0x3041 and <= 0x309F => WordScript.Hiragana,
        (>= 0x30A1 and <= 0x30FF) or (>= 0x31F0 and <= 0x31FF) or (>= 0xFF66 and <= 0xFF9F) => WordScript.Katakana,
        0x3005 or 0x3007 or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0x20000 and <= 0x3FFFF) => WordScript.Han,
        _ => WordScript.Spaced,
    };
}
