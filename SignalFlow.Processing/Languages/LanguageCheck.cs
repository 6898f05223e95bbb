using System.Buffers;
using System.Globalization;
using System.Text;
using SignalFlow.Processing.Keywords;

namespace SignalFlow.Processing.Languages;

/// <summary>
/// Tells whether a title is English, from its scripts, its function words (a table of weights), letters that English lacks and the endings of long
/// words. Which other language it is does not matter here, so 1,000 words of many languages are enough. Prefers "unknown" to a wrong "not English".
/// Safe for concurrent use, allocates nothing.
/// </summary>
internal static class LanguageCheck
{
    /// <summary>Evidence that is enough: one word that only another language has, or two signs.</summary>
    private const int Enough = 2;

    private const int LongestWord = 24;
    private const int LongestTitle = 400;
    private const int ShortestWithEnding = 8;

    private static readonly WordTable<Weight> Weights = Load();

    // Endings of long words that are rare in English.
    private static readonly string[] Endings =
    [
        "ungen", "keit", "keiten", "schaft", "liche", "lichen", "licher", "ische", "ischen", "isches", "ieren", "iert", "igung", "erung", "tzung",
        "haltung", "stellung", "rechnung", "heid", "lijke", "mente", "amiento", "adores", "aciones", "idades", "zione", "zioni", "issons", "aient",
        "ements", "eaux", "euse", "euses", "sjonen", "heten", "ningen", "elsen", "ernes", "gerne", "lerne", "arnas", "ować", "niej", "uje", "assa", "issa",
    ];

    public static TitleLanguage Of(string title)
    {
        var evidence = default(Evidence);
        var text = title.AsSpan(0, Math.Min(title.Length, LongestTitle));
        for (var position = 0; position < text.Length;)
        {
            if (SkippedAt(text, position) is var skipped and > 0)
                position += skipped;
            else if (IsLetter(text, position, out var width))
                position += ReadWord(text, position, ref evidence);
            else
                position += width;
        }

        return evidence.Judge();
    }

    /// <summary>Addresses and names of subreddits and users, which are in no language.</summary>
    private static int SkippedAt(ReadOnlySpan<char> text, int position)
    {
        var rest = text[position..];
        var isInside = position > 0 && char.IsLetterOrDigit(text[position - 1]);
        if (isInside)
            return rest[0] == '.' ? DomainLength(rest) : 0;
        var isName = rest.StartsWith("r/", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("u/", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWith("/r/", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("www.", StringComparison.OrdinalIgnoreCase)
            || rest.StartsWith("http", StringComparison.OrdinalIgnoreCase) || rest[0] is '#' or '@';
        if (!isName)
            return 0;
        var end = rest.IndexOfAny(" )]");
        return end < 0 ? rest.Length : Math.Max(1, end);
    }

    /// <summary>The end of a host that has no path: outlook.com.</summary>
    private static int DomainLength(ReadOnlySpan<char> rest)
    {
        var length = 1;
        while (length < rest.Length && char.IsAsciiLetterLower(rest[length]))
            length++;
        return length > 1 ? length : 0;
    }

    /// <returns>How many characters were read.</returns>
    private static int ReadWord(ReadOnlySpan<char> text, int start, ref Evidence evidence)
    {
        Span<char> word = stackalloc char[LongestWord];
        var (end, length, foreignLetters, capitals) = (start, 0, 0, 0);
        while (end < text.Length)
        {
            var c = text[end] is '\u2019' ? '\'' : text[end];
            if (c == '\'' && end > start && end + 1 < text.Length && char.IsLetter(text[end + 1]))
            {
                // L'Ontario, qu'il: the article is a word of its own.
                if (end - start <= 2 && IsElision(word[..length]))
                {
                    evidence.Foreign++;
                    return end + 1 - start;
                }

                if (length < word.Length)
                    word[length++] = c;
                end++;
                continue;
            }

            if (!IsLetter(text, end, out var width))
            {
                if (!(width == 1 && WordCharacters.IsMark(c)))
                    break;
                end++;
                continue;
            }

            if (!IsLatin(text[end]))
                evidence.OtherScript++;
            else
                evidence.Latin++;
            foreignLetters += char.IsAscii(c) || !IsLatin(c) ? 0 : 1;
            capitals += char.IsUpper(c) ? 1 : 0;
            for (var i = 0; i < width && length < word.Length; i++)
                word[length++] = char.ToLowerInvariant(text[end + i] is '\u2019' ? '\'' : text[end + i]);
            end += width;
        }

        evidence.Add(word[..length], foreignLetters > 0, isShouted: capitals > 1 && capitals == length);
        return end - start;
    }

    private static bool IsElision(ReadOnlySpan<char> word) => word is "l" or "d" or "qu" or "j" or "n" or "s" or "m";

    private static bool IsLetter(ReadOnlySpan<char> text, int index, out int width)
    {
        width = 1;
        var c = text[index];
        if (char.IsAscii(c))
            return char.IsAsciiLetter(c);
        if (Rune.DecodeFromUtf16(text[index..], out var rune, out width) != OperationStatus.Done)
            return false;
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.OtherLetter
            && !IsOrnament(rune.Value);
    }

    /// <summary>Letters that are used as pictures: ª º, ಠ_ಠ, ツ, letterlike and mathematical ones.</summary>
    private static bool IsOrnament(int codePoint) =>
        codePoint is 0xAA or 0xBA or 0xB5 or 0x0CA0 or 0x30C4 or 0x0298 or 0x03A9 or 0x03BC or 0x03C0
            or (>= 0x2100 and <= 0x214F) or (>= 0x1D400 and <= 0x1D7FF) or (>= 0x0250 and <= 0x02AF) or (>= 0x1D00 and <= 0x1DBF);

    private static bool IsLatin(char c) => c < '\u0250' || c is >= '\u1E00' and <= '\u1EFF';

    private static WordTable<Weight> Load()
    {
        var words = new Dictionary<string, Weight>(StringComparer.Ordinal);
        foreach (var line in EmbeddedText.ReadLines(typeof(LanguageCheck), "language-words.txt"))
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var weight = new Weight(IsKnown: true, int.Parse(parts[0], CultureInfo.InvariantCulture));
            // What is a word of English, or of both, comes first in the file.
            foreach (var word in parts.AsSpan(1))
                words.TryAdd(word, weight);
        }

        return new WordTable<Weight>(words);
    }

    private readonly record struct Weight(bool IsKnown, int Value);

    private struct Evidence
    {
        public int English;
        public int Foreign;
        public int Latin;
        public int OtherScript;
        private uint _last;
        private bool _hasEnding;

        public void Add(ReadOnlySpan<char> word, bool hasForeignLetter, bool isShouted)
        {
            // "La la la" is no evidence.
            var hash = WordHash.Of(word);
            if (hash == _last)
                return;
            _last = hash;
            var weight = Weights.Find(word);
            if (weight.IsKnown)
            {
                English += Math.Max(0, weight.Value);
                // In capitals it may be an abbreviation: DES, LA, MIT.
                Foreign += isShouted && word.Length <= 3 ? 0 : Math.Max(0, -weight.Value);
            }
            else if (IsContraction(word))
            {
                English++;
            }
            else if (hasForeignLetter)
            {
                Foreign++;
            }
            else if (StopWords.RankOf(word) is WordRank.Stop or WordRank.Weak)
            {
                English++;
            }
            else if (!_hasEnding && word.Length >= ShortestWithEnding && HasEnding(word))
            {
                _hasEnding = true;
                Foreign++;
            }
        }

        public readonly TitleLanguage Judge()
        {
            if (OtherScript >= 2 && OtherScript * 2 > Latin)
                return TitleLanguage.NotEnglish;
            if (Foreign >= Enough && Foreign > English)
                return TitleLanguage.NotEnglish;
            return English > Foreign ? TitleLanguage.English : TitleLanguage.Unknown;
        }

        private static bool IsContraction(ReadOnlySpan<char> word) =>
            word.Contains('\'') && (word.EndsWith("n't", StringComparison.Ordinal) || word.EndsWith("'ll", StringComparison.Ordinal)
                || word.EndsWith("'re", StringComparison.Ordinal) || word.EndsWith("'ve", StringComparison.Ordinal));

        private static bool HasEnding(ReadOnlySpan<char> word)
        {
            foreach (var ending in Endings)
            {
                if (word.EndsWith(ending, StringComparison.Ordinal))
                    return true;
            }

            return false;
        }
    }
}
