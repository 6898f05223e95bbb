using System.Buffers;

namespace SignalFlow.Processing.Keywords;

/// <summary>
/// Names the terms a post is about. Candidates are found as in RAKE (Rose, Engel, Cramer and Cowley, "Automatic Keyword Extraction from Individual
/// Documents", 2010): stop words and punctuation separate them. RAKE scores a word by its degree over its frequency, which in one short title only
/// says how long its phrase is; words are weighed by where they stand and how they are spelled instead, and phrases have two words, so that
/// different posts come to share them. The same input always gives the same keywords, on every machine. Safe for concurrent use.
/// </summary>
internal static class KeywordExtractor
{
    public const int MaxKeywords = 10;
    public const int MaxKeywordLength = 60;

    /// <summary>Reddit's titles end at 300 characters.</summary>
    private const int MaxTitleLength = 1_000;
    private const int MaxBodyLength = 500;
    private const int MaxTokens = 256;

    /// <summary>
    /// At most ten keywords of at most 60 characters, lower-case, the weightiest first; none where neither text has a word. Of the body
    /// only the first 500 characters are read.
    /// </summary>
    public static string[] Extract(string title, string? selftext)
    {
        var titlePart = title.AsSpan(0, Math.Min(title.Length, MaxTitleLength));
        var bodyPart = Body(selftext);
        var length = titlePart.Length + 1 + bodyPart.Length;

        var written = ArrayPool<char>.Shared.Rent(length);
        var lowered = ArrayPool<char>.Shared.Rent(length);
        var tokens = ArrayPool<KeywordToken>.Shared.Rent(MaxTokens);
        try
        {
            titlePart.CopyTo(written);
            written[titlePart.Length] = '\n';
            bodyPart.CopyTo(written.AsSpan(titlePart.Length + 1));
            var text = written.AsSpan(0, length);
            LoweredText.Write(text, lowered);

            var titleCount = Tokenize(text[..titlePart.Length], lowered.AsSpan(0, titlePart.Length), 0, tokens);
            var bodyCount = Tokenize(text, lowered.AsSpan(0, length), titlePart.Length, tokens.AsSpan(titleCount, MaxTokens - titleCount));
            return Choose(lowered, tokens.AsSpan(0, titleCount), tokens.AsSpan(titleCount, bodyCount));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(written);
            ArrayPool<char>.Shared.Return(lowered);
            ArrayPool<KeywordToken>.Shared.Return(tokens);
        }
    }

    private static ReadOnlySpan<char> Body(string? selftext)
    {
        if (selftext is null || selftext.Length <= MaxBodyLength)
            return selftext;

        var body = selftext.AsSpan(0, MaxBodyLength);
        var lastSpace = body.LastIndexOfAny(' ', '\n');
        return lastSpace > 0 ? body[..lastSpace] : body;
    }

    private static string[] Choose(ReadOnlySpan<char> lowered, Span<KeywordToken> title, Span<KeywordToken> body)
    {
        var capacity = 2 * (title.Length + body.Length);
        if (capacity == 0)
            return [];

        var rented = ArrayPool<KeywordCandidate>.Shared.Rent(capacity);
        Span<ushort> slots = stackalloc ushort[4 * MaxTokens];
        try
        {
            var (titleCasing, bodyCasing) = (KeywordCasing.Of(title), KeywordCasing.Of(body));
            var candidates = new KeywordCandidates(lowered, rented, slots);
            candidates.AddWords(title, titleCasing, KeywordCandidates.TitleWeight);
            candidates.AddWords(body, bodyCasing, KeywordCandidates.BodyWeight);
            candidates.AddPhrases(title, titleCasing, KeywordCandidates.TitleWeight);
            candidates.AddPhrases(body, bodyCasing, KeywordCandidates.BodyWeight);
            var chosen = candidates.Choose(MaxKeywords);
            return chosen.Length > 0 ? chosen : LongestStopWord(lowered, title);
        }
        finally
        {
            ArrayPool<KeywordCandidate>.Shared.Return(rented);
        }
    }

    /// <summary>A title such as "What is this?" is found again by its longest word rather than not at all.</summary>
    private static string[] LongestStopWord(ReadOnlySpan<char> lowered, ReadOnlySpan<KeywordToken> title)
    {
        var longest = default(KeywordToken);
        foreach (var token in title)
        {
            if (token.Length > longest.Length && (token.Length > 1 || token.Is(TokenTraits.Unspaced))
                && !lowered.Slice(token.Start, token.Length).ContainsAnyInRange('0', '9'))
            {
                longest = token;
            }
        }

        return longest.Length == 0 ? [] : [lowered.Slice(longest.Start, KeywordCandidates.Cut(lowered, longest.Start, longest.Length)).ToString()];
    }

    private static int Tokenize(ReadOnlySpan<char> text, ReadOnlySpan<char> lowered, int offset, Span<KeywordToken> tokens)
    {
        var tokenizer = new KeywordTokenizer(text[offset..], lowered[offset..]);
        var count = 0;
        while (count < tokens.Length && tokenizer.Next(out var token))
            tokens[count++] = token with { Start = token.Start + offset };
        return count;
    }
}
