using SignalFlow.Processing.Keywords;

namespace SignalFlow.Processing.Terms;

/// <summary>A term of a title by its place in the lowered text.</summary>
/// <param name="Words">1, 2, or 3 for a name of three words or more.</param>
internal readonly record struct TermSpan(int Start, int Length, int Words);

/// <summary>
/// Finds the terms of a title: its words that are neither stop words nor too common to be a subject, pairs of neighbours of which one is such a word
/// and none a stop word, and names of three to five words (neighbours with capitals, in titles that do not capitalize everything). Lower case.
/// Not for concurrent use; allocates nothing once made.
/// </summary>
internal sealed class TermReader
{
    public const int MaxTermLength = 60;

    private const int MaxTitleLength = 1_000;
    private const int MaxTokens = 128;
    private const int ShortestName = 3;
    private const int LongestName = 5;

    private readonly char[] _written = new char[MaxTitleLength];
    private readonly char[] _lowered = new char[MaxTitleLength];
    private readonly KeywordToken[] _tokens = new KeywordToken[MaxTokens];
    private readonly TermSpan[] _terms = new TermSpan[3 * MaxTokens];
    private int _count;

    /// <summary>The terms in the order of the text; one that the title has twice comes twice. Valid until the next call.</summary>
    public ReadOnlySpan<TermSpan> Read(string title)
    {
        var length = Math.Min(title.Length, MaxTitleLength);
        title.AsSpan(0, length).CopyTo(_written);
        LoweredText.Write(_written.AsSpan(0, length), _lowered);
        var tokenizer = new KeywordTokenizer(_written.AsSpan(0, length), _lowered.AsSpan(0, length));
        var tokens = 0;
        while (tokens < MaxTokens && tokenizer.Next(out var token))
            _tokens[tokens++] = token;

        _count = 0;
        AddWordsAndPairs(_tokens.AsSpan(0, tokens));
        var casing = KeywordCasing.Of(_tokens.AsSpan(0, tokens));
        if (!casing.IsTitle && !casing.IsShouted)
            AddNames(_tokens.AsSpan(0, tokens));
        return _terms.AsSpan(0, _count);
    }

    public ReadOnlySpan<char> TextOf(TermSpan term) => _lowered.AsSpan(term.Start, term.Length);

    private void AddWordsAndPairs(ReadOnlySpan<KeywordToken> tokens)
    {
        var previousIsTerm = false;
        for (var i = 0; i < tokens.Length; i++)
        {
            var token = tokens[i];
            var isNoise = NoiseWords.Contains(_lowered.AsSpan(token.Start, token.Length));
            if (IsSubject(token) && !isNoise)
                Add(token.Start, token.Length, 1);

            // The second word may be a number: "windows 11".
            var mayEnd = !isNoise && (!token.Is(TokenTraits.Stop) || token.Is(TokenTraits.Suffix));
            if (previousIsTerm && mayEnd && AreNeighbours(tokens[i - 1], token) && (IsSubject(tokens[i - 1]) || IsSubject(token)))
                Add(tokens[i - 1].Start, token.End - tokens[i - 1].Start, 2);
            previousIsTerm = !isNoise && !token.Is(TokenTraits.Stop);
        }
    }

    private void AddNames(ReadOnlySpan<KeywordToken> tokens)
    {
        for (var i = 0; i < tokens.Length;)
        {
            var end = i;
            if (IsNamePart(tokens[i]) && !tokens[i].Is(TokenTraits.SentenceStart))
            {
                end++;
                while (end < tokens.Length && end - i < LongestName && AreNeighbours(tokens[end - 1], tokens[end]))
                {
                    if (IsNamePart(tokens[end]))
                        end++;
                    else if (end + 1 < tokens.Length && IsLink(tokens[end]) && IsNamePart(tokens[end + 1]) && AreNeighbours(tokens[end], tokens[end + 1]))
                        end += 2;
                    else
                        break;
                }
            }

            if (end - i >= ShortestName)
                Add(tokens[i].Start, tokens[end - 1].End - tokens[i].Start, 3);
            i = Math.Max(end, i + 1);
        }
    }

    private static bool IsNamePart(KeywordToken token) =>
        token.Is(TokenTraits.Capitalized | TokenTraits.MixedCase) && !token.Is(TokenTraits.Stop);

    private bool IsLink(KeywordToken token) => _lowered.AsSpan(token.Start, token.Length) is "of" or "the" or "and" or "for" or "de" or "von";

    private static bool IsSubject(KeywordToken token) => !token.Is(TokenTraits.Stop | TokenTraits.Weak) && token.Length > 1;

    private static bool AreNeighbours(KeywordToken first, KeywordToken second) =>
        second.Start == first.End + 1 && !second.Is(TokenTraits.AfterBreak);

    private void Add(int start, int length, int words)
    {
        if (length <= MaxTermLength && _count < _terms.Length)
            _terms[_count++] = new TermSpan(start, length, words);
    }
}
