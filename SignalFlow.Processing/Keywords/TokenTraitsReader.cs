namespace SignalFlow.Processing.Keywords;

/// <summary>Judges a word by its spelling: capitals, digits, signs, endings, word lists.</summary>
internal static class TokenTraitsReader
{
    private const int LongestSuffixNumber = 4;

    public static KeywordToken Describe(
        ReadOnlySpan<char> text, ReadOnlySpan<char> lowered, int start, int end, WordScript script, TokenTraits traits)
    {
        if (script != WordScript.Spaced)
        {
            var isFunction = script == WordScript.Hiragana || end - start == 1;
            traits |= TokenTraits.AfterBreak | TokenTraits.Unspaced | (isFunction ? TokenTraits.Stop : TokenTraits.None);
            return new KeywordToken(start, end - start, traits, WordHash.Of(lowered[start..end]));
        }

        if (Elision(lowered[start..end]) is var article and > 0)
        {
            start += article;
            traits |= TokenTraits.AfterBreak;
        }

        var contracted = lowered[start..end].EndsWith("n't", StringComparison.Ordinal);
        var stem = contracted ? end : WithoutContraction(lowered, start, end);
        var word = lowered[start..stem];
        traits |= Spelling(text[start..stem]);
        var hash = WordHash.Of(word);
        traits |= contracted ? TokenTraits.Stop : Rank(text[start..stem], word, hash, traits);
        return new KeywordToken(start, word.Length, traits, hash);
    }

    /// <summary>The same of a word of two letters or more, all of them ASCII and all but perhaps the first small.</summary>
    public static KeywordToken DescribePlain(ReadOnlySpan<char> text, ReadOnlySpan<char> lowered, int start, int end, uint hash, TokenTraits traits)
    {
        if (char.IsAsciiLetterUpper(text[start]))
            traits |= TokenTraits.Capitalized;
        return new KeywordToken(start, end - start, traits | Rank(text[start..end], lowered[start..end], hash, traits), hash);
    }

    /// <summary>French and Italian articles and pronouns before an apostrophe: l'hôtel, d'edward, qu'un, dell'arte.</summary>
    private static int Elision(ReadOnlySpan<char> word)
    {
        var apostrophe = word.IndexOf('\'');
        return apostrophe > 0 && word.Length > apostrophe + 2 && word[..apostrophe] is ("l" or "d" or "j" or "qu" or "dell" or "nell" or "all" or "sull")
            ? apostrophe + 1
            : 0;
    }

    private static int WithoutContraction(ReadOnlySpan<char> lowered, int start, int end)
    {
        var apostrophe = lowered[start..end].LastIndexOf('\'');
        if (apostrophe <= 0)
            return end;

        return lowered[(start + apostrophe + 1)..end] is "s" or "d" or "m" or "re" or "ve" or "ll" ? start + apostrophe : end;
    }

    private static TokenTraits Spelling(ReadOnlySpan<char> word)
    {
        var (letters, capitals, digits, signs) = (0, 0, 0, 0);
        foreach (var c in word)
        {
            if (char.IsLetter(c) || char.IsSurrogate(c))
            {
                letters++;
                capitals += char.IsUpper(c) ? 1 : 0;
            }
            else if (char.IsDigit(c))
            {
                digits++;
            }
            else if (c is '$' or '#' or '+' or '.' or '&')
            {
                signs++;
            }
        }

        var traits = TokenTraits.None;
        if (digits > 0)
            traits |= char.IsDigit(word[0]) ? TokenTraits.Digits | TokenTraits.StartsWithDigit : TokenTraits.Digits;
        if (letters == 0)
            return traits | TokenTraits.Stop | (word.Length <= LongestSuffixNumber ? TokenTraits.Suffix : TokenTraits.None);
        if (letters == 1 && digits == 0 && signs == 0)
            return traits | TokenTraits.Stop | (capitals == 1 && word[0] is not ('I' or 'A') ? TokenTraits.Suffix : TokenTraits.None);
        if (signs > 0)
            traits |= TokenTraits.Symbol;
        if (capitals == letters)
            return traits | (letters > 1 ? TokenTraits.AllCapitals : TokenTraits.None) | TokenTraits.Capitalized;
        if (char.IsUpper(word[0]))
            traits |= TokenTraits.Capitalized;
        return capitals > (char.IsUpper(word[0]) ? 1 : 0) ? traits | TokenTraits.MixedCase : traits;
    }

    private static TokenTraits Rank(ReadOnlySpan<char> written, ReadOnlySpan<char> word, uint hash, TokenTraits traits)
    {
        // The country, and the language where its capital cannot be that of a sentence.
        if (written is "US" || (written is "Go" && (traits & TokenTraits.SentenceStart) == 0))
            return TokenTraits.None;
        if (word[0] == 'u' && IsAnonymizedName(word))
            return TokenTraits.Stop;
        // Eyes, not a word: o_o, ಠ_ಠ.
        if (word is [var left, '_', var right] && left == right)
            return TokenTraits.Stop;
        if ((traits & TokenTraits.Digits) != 0 && IsMeasure(word))
            return TokenTraits.Stop;

        return StopWords.RankOf(word, hash) switch
        {
            WordRank.Stop => TokenTraits.Stop,
            WordRank.ForeignStop when (traits & TokenTraits.AllCapitals) == 0 => TokenTraits.Stop,
            WordRank.Weak => TokenTraits.Weak,
            _ => TokenTraits.None,
        };
    }

    /// <summary>2nd, 90s, 5pm, 24m, 10x, 1024x768: a number with an ending. 3d, 4k and 5g are names.</summary>
    private static bool IsMeasure(ReadOnlySpan<char> word)
    {
        if (!char.IsAsciiDigit(word[0]))
            return false;

        var rest = word.TrimStart("0123456789.,");
        if (rest.StartsWith('x') && !rest[1..].ContainsAnyExceptInRange('0', '9'))
            return true;

        return rest is "st" or "nd" or "rd" or "th" or "s" or "m" or "f" or "am" or "pm" or "yo" or "hr" or "hrs" or "min" or "mins" or "sec"
            or "lb" or "lbs" or "kg" or "cm" or "mm" or "km" or "ft" or "px" or "mb" or "gb" or "tb" or "ms";
    }

    private static bool IsAnonymizedName(ReadOnlySpan<char> word) => word.StartsWith("u_", StringComparison.Ordinal);
}
