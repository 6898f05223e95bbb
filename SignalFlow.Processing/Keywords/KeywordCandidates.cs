namespace SignalFlow.Processing.Keywords;

/// <summary>A word or a two-word phrase, with the weight of its occurrences so far.</summary>
internal record struct KeywordCandidate(uint Hash, int Start, int Length, double Weight, CandidateKind Kind, bool IsChosen);

internal enum CandidateKind : byte
{
    Word,
    WeakWord,
    Phrase,
}

/// <summary>Collects and ranks the candidates of one post.</summary>
/// <param name="lowered">The post's text, in lower case, that tokens point into.</param>
/// <param name="buffer">Room for two candidates a token.</param>
internal ref struct KeywordCandidates(ReadOnlySpan<char> lowered, Span<KeywordCandidate> buffer)
{
    public const double TitleWeight = 3;
    public const double BodyWeight = 1;

    private const int MaxPhrases = 3;

    /// <summary>Below this many keywords even weak words, and words that only the body has once, are better than none.</summary>
    private const int Enough = 3;

    /// <summary>Above what an ordinary word of the body weighs when it occurs once.</summary>
    private const double Notable = BodyWeight * 1.3;

    private readonly ReadOnlySpan<char> _lowered = lowered;
    private readonly Span<KeywordCandidate> _buffer = buffer;
    private int _count;

    private readonly Span<KeywordCandidate> All => _buffer[.._count];

    public void Add(ReadOnlySpan<KeywordToken> tokens, double unit)
    {
        var casing = Casing.Of(tokens);
        var previousWeight = 0.0;
        for (var i = 0; i < tokens.Length; i++)
        {
            var token = tokens[i];
            var weight = token.Is(TokenTraits.Stop) ? 0 : unit * Weight(token, casing);
            if (weight > 0)
                Add(token.Start, token.Length, weight, unit, token.Is(TokenTraits.Weak) ? CandidateKind.WeakWord : CandidateKind.Word);

            if (i > 0 && IsPhrase(tokens[i - 1], token))
                AddPhrase(tokens[i - 1], token, unit, previousWeight, weight);
            previousWeight = weight;
        }
    }

    /// <summary>The weightiest candidates; of equal ones the first in the text.</summary>
    public readonly string[] Choose(int limit)
    {
        Span<int> chosen = stackalloc int[limit];
        var count = 0;
        var phrases = 0;
        while (count < limit && Best(count, phrases) is var best and >= 0)
        {
            ref var candidate = ref All[best];
            candidate.IsChosen = true;
            chosen[count++] = best;
            if (candidate.Kind == CandidateKind.Phrase)
                phrases++;
        }

        var keywords = new string[count];
        for (var i = 0; i < count; i++)
            keywords[i] = Text(_lowered, All[chosen[i]].Start, All[chosen[i]].Length);
        return keywords;
    }

    /// <summary>A keyword as it is stored: cut where it is too long, but not inside a character.</summary>
    public static string Text(ReadOnlySpan<char> lowered, int start, int length)
    {
        if (length > KeywordExtractor.MaxKeywordLength)
        {
            length = KeywordExtractor.MaxKeywordLength;
            if (char.IsHighSurrogate(lowered[start + length - 1]))
                length--;
        }

        return lowered.Slice(start, length).ToString();
    }

    private static double Weight(KeywordToken token, Casing casing)
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

    private readonly bool IsPhrase(KeywordToken first, KeywordToken second)
    {
        if (second.Is(TokenTraits.AfterBreak) || first.Is(TokenTraits.Stop) || second.Start != first.End + 1)
            return false;
        if (first.Length + second.Length >= KeywordExtractor.MaxKeywordLength)
            return false;
        if (second.Is(TokenTraits.Suffix))
            return first.Is(TokenTraits.Capitalized | TokenTraits.MixedCase) && !first.Is(TokenTraits.Weak | TokenTraits.Symbol)
                && !IsInitial(second);

        return !second.Is(TokenTraits.Stop) && !(first.Is(TokenTraits.Weak) && second.Is(TokenTraits.Weak));
    }

    /// <summary>The W. of a name, whose surname follows.</summary>
    private readonly bool IsInitial(KeywordToken letter) =>
        !letter.Is(TokenTraits.Digits) && letter.End < _lowered.Length && _lowered[letter.End] == '.';

    private void AddPhrase(KeywordToken first, KeywordToken second, double unit, double firstWeight, double secondWeight)
    {
        // A number or a letter makes a name more precise; two words together say a little more than the better of them.
        var weight = second.Is(TokenTraits.Suffix) ? firstWeight * 1.05 : (firstWeight + secondWeight) * 0.55;
        if (unit == TitleWeight || weight >= Notable)
            Add(first.Start, second.End - first.Start, weight, unit, CandidateKind.Phrase);
    }

    private void Add(int start, int length, double weight, double unit, CandidateKind kind)
    {
        var word = _lowered.Slice(start, length);
        var hash = Hash(word);
        foreach (ref var candidate in All)
        {
            if (candidate.Hash == hash && word.SequenceEqual(_lowered.Slice(candidate.Start, candidate.Length)))
            {
                // A repetition confirms; it does not weigh as much as the first mention.
                candidate.Weight += Math.Min(weight, Math.Max(unit / 2, BodyWeight));
                return;
            }
        }

        _buffer[_count++] = new KeywordCandidate(hash, start, length, weight, kind, IsChosen: false);
    }

    private readonly int Best(int chosen, int phrases)
    {
        var best = -1;
        var bestWeight = 0.0;
        for (var i = 0; i < _count; i++)
        {
            ref readonly var candidate = ref _buffer[i];
            if (candidate.IsChosen || (candidate.Kind == CandidateKind.Phrase && phrases == MaxPhrases))
                continue;

            if (candidate.Weight > bestWeight
                && (chosen < Enough || (candidate.Kind != CandidateKind.WeakWord && candidate.Weight >= Notable))
                && !Overlaps(candidate))
            {
                best = i;
                bestWeight = candidate.Weight;
            }
        }

        return best;
    }

    /// <summary>Two phrases that share a word say little more than one.</summary>
    private readonly bool Overlaps(in KeywordCandidate candidate)
    {
        if (candidate.Kind != CandidateKind.Phrase)
            return false;

        foreach (ref readonly var other in All)
        {
            if (other.IsChosen && other.Kind == CandidateKind.Phrase
                && other.Start < candidate.Start + candidate.Length && candidate.Start < other.Start + other.Length)
            {
                return true;
            }
        }

        return false;
    }

    private static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = (uint)word.Length;
        foreach (var c in word)
            hash = (hash ^ c) * 0x9E3779B1;
        return hash;
    }

    /// <summary>What capitals are worth in a text: nothing where nearly every word has one.</summary>
    private readonly record struct Casing(bool IsTitle, bool IsShouted)
    {
        public static Casing Of(ReadOnlySpan<KeywordToken> tokens)
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

            return new Casing(words > 2 && capitalized * 10 > words * 7, words > 1 && shouted * 2 > words);
        }
    }
}
