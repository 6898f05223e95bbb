using SignalFlow.Processing.Keywords;
using SignalFlow.Processing.Topics;

namespace SignalFlow.Processing.Stories;

/// <summary>A word of a title: where it is written, and the hash of its lower-case form without the s of a plural.</summary>
internal readonly record struct StoryWord(uint Hash, ushort Start, ushort Length, bool IsWeak);

/// <summary>
/// Reads a title: its normalized text (letters and digits in lower case, single spaces between words, apostrophes dropped), the words that may
/// be its subject, and its numbers. Not for concurrent use; allocates nothing once made.
/// </summary>
internal sealed class StoryTitle
{
    public const int MaxWords = 12;

    private const int MaxLength = 320;

    private readonly char[] _text = new char[MaxLength];
    private readonly StoryWord[] _words = new StoryWord[MaxWords];
    private int _length;
    private int _wordCount;

    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>The first twelve different ones.</summary>
    public ReadOnlySpan<StoryWord> Words => _words.AsSpan(0, _wordCount);

    /// <summary>Words of any kind.</summary>
    public int Count { get; private set; }

    /// <summary>A hash of its numbers: "Part 1" and "Part 2" are nearly the same and not the same.</summary>
    public uint Numbers { get; private set; }

    public void Read(string title)
    {
        (_length, _wordCount, Count, Numbers) = (0, 0, 0, WordHash.Seed);
        var text = TitleWords.WithoutCrossPost(title.AsSpan(0, Math.Min(title.Length, MaxLength)));
        for (var position = 0; position < text.Length;)
        {
            if (IsWordAt(text, position, out var width))
                position = ReadWord(text, position);
            else
                position += width;
        }
    }

    private int ReadWord(ReadOnlySpan<char> text, int start)
    {
        if (_length > 0 && _length < MaxLength)
            _text[_length++] = ' ';
        var (begin, end, digits) = (_length, start, 0);
        while (end < text.Length)
        {
            var c = text[end];
            if (IsWordAt(text, end, out var width) || (width == 1 && WordCharacters.IsMark(c)))
            {
                for (var i = 0; i < width && _length < MaxLength; i++)
                    _text[_length++] = char.ToLowerInvariant(text[end + i]);
                digits += char.IsDigit(c) ? 1 : 0;
                end += width;
            }
            else if (c is '\'' or '\u2019' && end + 1 < text.Length && char.IsLetter(text[end + 1]))
            {
                end++;
            }
            else
            {
                break;
            }
        }

        Count++;
        var word = _text.AsSpan(begin, _length - begin);
        if (digits > 0)
            AddNumber(word);
        if (digits < word.Length)
            AddWord(word, start, end);
        return end;
    }

    private void AddNumber(ReadOnlySpan<char> word)
    {
        var hash = WordHash.Add(Numbers, ' ');
        foreach (var c in word)
            hash = char.IsDigit(c) ? WordHash.Add(hash, c) : hash;
        Numbers = hash;
    }

    private void AddWord(ReadOnlySpan<char> word, int start, int end)
    {
        var rank = StopWords.RankOf(word);
        if (word.Length < 2 || rank is WordRank.Stop or WordRank.ForeignStop || _wordCount == MaxWords)
            return;

        var stem = word is [.., not 's', 's'] && word.Length > 3 ? word[..^1] : word;
        var hash = WordHash.Of(stem);
        foreach (var other in Words)
        {
            if (other.Hash == hash)
                return;
        }

        _words[_wordCount++] = new StoryWord(hash, (ushort)start, (ushort)(end - start), rank == WordRank.Weak);
    }

    private static bool IsWordAt(ReadOnlySpan<char> text, int index, out int width)
    {
        width = 1;
        return char.IsAscii(text[index])
            ? char.IsAsciiLetterOrDigit(text[index])
            : WordCharacters.ScriptAt(text, index, out width) != WordScript.None;
    }
}
