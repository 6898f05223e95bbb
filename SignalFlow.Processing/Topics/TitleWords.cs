using SignalFlow.Processing.Keywords;

namespace SignalFlow.Processing.Topics;

/// <summary>
/// The words of a title, cut more coarsely than keywords are, so that an edit of punctuation makes no other word: letters, digits and marks, in lower
/// case, apostrophes dropped. Scripts without spaces give overlapping pairs of characters. URLs and the note of a cross-post are left out.
/// </summary>
internal static class TitleWords
{
    private const int LongestTitle = 1_000;
    private const int LongestWord = 64;

    public static void Collect(string title, ref TitleSignature signature)
    {
        var text = WithoutCrossPost(title.AsSpan(0, Math.Min(title.Length, LongestTitle)));
        Span<char> word = stackalloc char[LongestWord];
        for (var position = 0; position < text.Length;)
        {
            if (UrlLength(text[position..]) is var skipped and > 0)
                position += skipped;
            else if (WordCharacters.ScriptAt(text, position, out var width) is var script && script == WordScript.None)
                position += width;
            else if (script == WordScript.Spaced)
                position += ReadWord(text[position..], word, ref signature);
            else
                position += ReadUnspaced(text[position..], script, ref signature);
        }
    }

    /// <summary>Of a word that is longer than the buffer only its beginning counts.</summary>
    private static int ReadWord(ReadOnlySpan<char> text, Span<char> word, ref TitleSignature signature)
    {
        var (position, length) = (0, 0);
        while (position < text.Length)
        {
            var c = text[position];
            if (char.IsAsciiLetterOrDigit(c))
            {
                if (length < word.Length)
                    word[length++] = char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
                position++;
                continue;
            }

            if (c is ' ')
                break;
            if (IsApostrophe(c) && position + 1 < text.Length && char.IsLetter(text[position + 1]))
            {
                position++;
                continue;
            }

            var script = WordCharacters.ScriptAt(text, position, out var width);
            if (script != WordScript.Spaced && !(script == WordScript.None && width == 1 && WordCharacters.IsMark(c)))
                break;

            if (length + width <= word.Length)
            {
                for (var i = 0; i < width; i++)
                    word[length++] = char.ToLowerInvariant(text[position + i]);
            }

            position += width;
        }

        signature.Add(word[..length]);
        return position;
    }

    private static int ReadUnspaced(ReadOnlySpan<char> text, WordScript script, ref TitleSignature signature)
    {
        var (previous, position) = (-1, 0);
        while (position < text.Length && WordCharacters.ScriptAt(text, position, out var width) is var next
            && (next == script || (next == WordScript.None && width == 1 && WordCharacters.IsMark(text[position]))))
        {
            if (previous >= 0)
                signature.Add(text[previous..(position + width)]);
            previous = position;
            position += width;
        }

        if (previous == 0)
            signature.Add(text[..position]);
        return position;
    }

    /// <summary>"(x-post from /r/pics)" and its like end a title and say where it was seen first.</summary>
    public static ReadOnlySpan<char> WithoutCrossPost(ReadOnlySpan<char> title)
    {
        var length = title.LastIndexOfAny('(', '[');
        if (length <= 0)
            return title;

        var note = title[(length + 1)..].TrimStart();
        return note.StartsWith("x-post", StringComparison.OrdinalIgnoreCase)
            || note.StartsWith("xpost", StringComparison.OrdinalIgnoreCase)
            || note.StartsWith("crosspost", StringComparison.OrdinalIgnoreCase)
            || note.StartsWith("cross-post", StringComparison.OrdinalIgnoreCase)
                ? title[..length]
                : title;
    }

    private static int UrlLength(ReadOnlySpan<char> text)
    {
        if (text[0] is not ('h' or 'H') || !(text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
        {
            return 0;
        }

        var end = text.IndexOfAny(" \t\r\n");
        return end < 0 ? text.Length : end;
    }

    private static bool IsApostrophe(char c) => c is '\'' or '\u2019' or '\u2018' or '\u02BC' or '\uFF07';
}
