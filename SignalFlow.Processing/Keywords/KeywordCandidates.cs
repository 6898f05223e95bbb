namespace SignalFlow.Processing.Keywords;

/// <summary>Collects and ranks the candidates of one post.</summary>
/// <param name="lowered">The post's text, in lower case, that tokens point into.</param>
/// <param name="buffer">Room for two candidates a token.</param>
/// <param name="slots">A hash table of places in the buffer, zeroed; its length a power of two above that of the buffer.</param>
internal ref struct KeywordCandidates(ReadOnlySpan<char> lowered, Span<KeywordCandidate> buffer, Span<ushort> slots)
{
    public const double TitleWeight = 3;
    public const double BodyWeight = 1;

    private const int MaxPhrases = 3;

    /// <summary>Below this many keywords even weak words, and words that only the body has once, are better than none.</summary>
    private const int Enough = 3;

    /// <summary>Above what an ordinary word of the body weighs when it occurs once.</summary>
    private const double Notable = BodyWeight * 1.3;

    /// <summary>Two words together say a little more than the better of them.</summary>
    private const double PhraseShare = 0.55;

    /// <summary>A number or a letter makes a name more precise.</summary>
    private const double SuffixGain = 1.05;

    private readonly ReadOnlySpan<char> _lowered = lowered;
    private readonly Span<KeywordCandidate> _buffer = buffer;
    private readonly Span<ushort> _slots = slots;
    private int _count;

    private readonly Span<KeywordCandidate> All => _buffer[.._count];

    /// <summary>Adds the words of a part of the post, and says of each token which candidate it is.</summary>
    public void AddWords(Span<KeywordToken> tokens, KeywordCasing casing, double unit)
    {
        foreach (ref var token in tokens)
        {
            if (token.Is(TokenTraits.Stop))
                continue;
            var kind = token.Is(TokenTraits.Weak) ? CandidateKind.WeakWord : CandidateKind.Word;
            var index = Add(token.Start, Cut(_lowered, token.Start, token.Length), unit * KeywordWeight.Of(token, casing), unit, kind);
            token = token with { Candidate = (ushort)(index + 1) };
        }
    }

    /// <summary>Adds the phrases of a part of the post, when the words of all parts are known: what recurs consists of words that do.</summary>
    public void AddPhrases(ReadOnlySpan<KeywordToken> tokens, KeywordCasing casing, double unit)
    {
        for (var i = 1; i < tokens.Length; i++)
        {
            var (first, second) = (tokens[i - 1], tokens[i]);
            if (first.Candidate == 0 || !AreNeighbours(first, second))
                continue;

            if (second.Is(TokenTraits.Suffix))
            {
                if (IsName(first) && !IsInitial(second))
                    Add(first.Start, second.End - first.Start, unit * KeywordWeight.Of(first, casing) * SuffixGain, unit, CandidateKind.Name);
            }
            else if (Recurs(first) && Recurs(second) && !(first.Is(TokenTraits.Weak) && second.Is(TokenTraits.Weak)))
            {
                var weight = (KeywordWeight.Of(first, casing) + KeywordWeight.Of(second, casing)) * PhraseShare;
                Add(first.Start, second.End - first.Start, unit * weight, unit, CandidateKind.Phrase);
            }
        }
    }

    /// <summary>The weightiest candidates; of equal ones words before phrases, and what stands first in the text.</summary>
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
            if (candidate.Kind >= CandidateKind.Name)
                phrases++;
        }

        var keywords = new string[count];
        for (var i = 0; i < count; i++)
            keywords[i] = _lowered.Slice(All[chosen[i]].Start, All[chosen[i]].Length).ToString();
        return keywords;
    }

    /// <summary>The length at which a word is stored: not beyond the limit, and not inside a character.</summary>
    public static int Cut(ReadOnlySpan<char> lowered, int start, int length)
    {
        if (length <= KeywordExtractor.MaxKeywordLength)
            return length;
        length = KeywordExtractor.MaxKeywordLength;
        return char.IsHighSurrogate(lowered[start + length - 1]) ? length - 1 : length;
    }

    private static bool AreNeighbours(KeywordToken first, KeywordToken second) =>
        second.Start == first.End + 1
        && !second.Is(TokenTraits.AfterBreak)
        && first.Length + second.Length < KeywordExtractor.MaxKeywordLength;

    private static bool IsName(KeywordToken token) =>
        token.Is(TokenTraits.Capitalized | TokenTraits.MixedCase) && !token.Is(TokenTraits.Weak | TokenTraits.Symbol);

    /// <summary>The W. of a name, whose surname follows.</summary>
    private readonly bool IsInitial(KeywordToken letter) =>
        !letter.Is(TokenTraits.Digits) && letter.End < _lowered.Length && _lowered[letter.End] == '.';

    private readonly bool Recurs(KeywordToken token) => token.Candidate > 0 && _buffer[token.Candidate - 1].Count > 1;

    private int Add(int start, int length, double weight, double unit, CandidateKind kind)
    {
        var word = _lowered.Slice(start, length);
        var hash = Hash(word);
        var mask = _slots.Length - 1;
        var slot = (int)(hash >> 16) & mask;
        for (; _slots[slot] is var entry and > 0; slot = (slot + 1) & mask)
        {
            ref var candidate = ref _buffer[entry - 1];
            if (candidate.Hash != hash || !word.SequenceEqual(_lowered.Slice(candidate.Start, candidate.Length)))
                continue;

            // A repetition confirms; it does not weigh as much as the first mention.
            candidate.Weight += Math.Min(weight, Math.Max(unit / 2, BodyWeight));
            candidate.Count++;
            return entry - 1;
        }

        _buffer[_count] = new KeywordCandidate(hash, start, length, weight, kind);
        _slots[slot] = (ushort)(_count + 1);
        return _count++;
    }

    private readonly int Best(int chosen, int phrases)
    {
        var best = -1;
        var bestWeight = 0.0;
        for (var i = 0; i < _count; i++)
        {
            ref readonly var candidate = ref _buffer[i];
            if (candidate.Weight > bestWeight && !candidate.IsChosen && IsEligible(candidate, chosen, phrases))
            {
                best = i;
                bestWeight = candidate.Weight;
            }
        }

        return best;
    }

    private readonly bool IsEligible(in KeywordCandidate candidate, int chosen, int phrases)
    {
        if (chosen >= Enough && (candidate.Kind == CandidateKind.WeakWord || candidate.Weight < Notable))
            return false;
        if (candidate.Kind == CandidateKind.Phrase && candidate.Count < 2)
            return false;
        return candidate.Kind < CandidateKind.Name || (phrases < MaxPhrases && !Overlaps(candidate));
    }

    /// <summary>Two phrases that share a word say little more than one.</summary>
    private readonly bool Overlaps(in KeywordCandidate candidate)
    {
        foreach (ref readonly var other in All)
        {
            if (other.IsChosen && other.Kind >= CandidateKind.Name
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
}
