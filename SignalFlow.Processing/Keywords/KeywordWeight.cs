namespace SignalFlow.Processing.Keywords;

/// <summary>
/// What one occurrence of a word weighs, in units of its place: 1, times 0.3 for a common word, times 1.15 from seven characters, 0.6 up to two
/// (unless they are capitals, have a sign, or are of a script without spaces) or 0.1 beyond thirty; times 0.6 where it begins with a digit, else 1.5
/// with a sign (c++, $tsla), inner capitals or nothing but capitals, 1.4 with a capital that is not its sentence's. Capitals count only where not
/// nearly every word has one.
/// </summary>
internal static class KeywordWeight
{
    public static double Of(KeywordToken token, KeywordCasing casing)
    {
        var weight = token.Is(TokenTraits.Weak) ? 0.3 : 1.0;
        if (token.Length > KeywordExtractor.MaxKeywordLength / 2)
            weight *= 0.1;
        else if (token.Length >= 7)
            weight *= 1.15;
        else if (token.Length <= 2 && !token.Is(TokenTraits.AllCapitals | TokenTraits.Symbol | TokenTraits.Unspaced))
            weight *= 0.6;

        if (token.Is(TokenTraits.StartsWithDigit))
            return weight * 0.6;
        if (token.Is(TokenTraits.Symbol | TokenTraits.MixedCase) || (token.Is(TokenTraits.AllCapitals) && !casing.IsShouted))
            weight *= 1.5;
        else if (token.Is(TokenTraits.Capitalized) && !token.Is(TokenTraits.SentenceStart) && !casing.IsTitle && !casing.IsShouted)
            weight *= 1.4;
        return weight;
    }
}

/// <summary>What capitals are worth in a text: nothing where nearly every word has one.</summary>
internal readonly record struct KeywordCasing(bool IsTitle, bool IsShouted)
{
    public static KeywordCasing Of(ReadOnlySpan<KeywordToken> tokens)
    {
        var (words, capitalized, shouted) = (0, 0, 0);
        foreach (var token in tokens)
        {
            if (token.Length < 4 || token.Is(TokenTraits.Unspaced | TokenTraits.Digits))
                continue;
            words++;
            capitalized += token.Is(TokenTraits.Capitalized | TokenTraits.MixedCase) ? 1 : 0;
            shouted += token.Is(TokenTraits.AllCapitals) ? 1 : 0;
        }

        return new KeywordCasing(words > 2 && capitalized * 10 > words * 7, words > 1 && shouted * 2 > words);
    }
}
