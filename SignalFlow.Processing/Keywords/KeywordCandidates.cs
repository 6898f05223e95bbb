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

    /// <summary>Adds the words of a part of the post, and says of each token which candidate it is.</summary>
    public void AddWords(Span<KeywordToken> tokens, KeywordCasing casing, double unit)
    {
        foreach (ref var token in tokens)
        {
            if (token.Is(TokenTraits.Stop))
                continue;
            var kind = token.Is(TokenTraits.Weak) ? CandidateKind.WeakWord : CandidateKind.Word;
            var length = Cut(_lowered, token.Start, token.Length);
            var hash = length == token.Length ? token.Hash : WordHash.Of(_lowered.Slice(token.Start, length));
            var index = Add(token.Start, length, hash, unit * KeywordWeight.Of(token, casing), unit, kind);
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
                    AddPhrase(first, second, unit * KeywordWeight.Of(first, casing) * SuffixGain, unit, CandidateKind.Name);
            }
            else if (Recurs(first) && Recurs(second) && !(first.Is(TokenTraits.Weak) && second.Is(TokenTraits.Weak)))
            {
                var weight = (KeywordWeight.Of(first, casing) + KeywordWeight.Of(second, casing)) * PhraseShare;
                AddPhrase(first, second, unit * weight, unit, CandidateKind.Phrase);
            }
        }
    }

    /// <summary>The weightiest candidates; of equal ones words before phrases, and what stands first in the text. Nothing can be added any more.</summary>
    public readonly string[] Choose(int limit)
    {
        Span<ushort> chosen = stackalloc ushort[limit];
        // The table has done its work; its room now lists the candidates that are left.
        var open = _slots[..ListOpen()];
        var count = 0;
        var phrases = 0;
        while (count < limit && Best(open, phrases) is var best and >= 0)
        {
            ref var candidate = ref _buffer[open[best]];
            candidate.IsChosen = true;
            chosen[count++] = open[best];
            if (candidate.Kind >= CandidateKind.Name)
                phrases++;
            open = count == Enough ? KeepNotable(open) : Remove(open, best);
        }

        var keywords = new string[count];
        for (var i = 0; i < count; i++)
            keywords[i] = _lowered.Slice(_buffer[chosen[i]].Start, _buffer[chosen[i]].Length).ToString();
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

    private void AddPhrase(KeywordToken first, KeywordToken second, double weight, double unit, CandidateKind kind)
    {
        var length = second.End - first.Start;
        Add(first.Start, length, WordHash.Of(_lowered.Slice(first.Start, length)), weight, unit, kind);
    }

    private int Add(int start, int length, uint hash, double weight, double unit, CandidateKind kind)
    {
        var word = _lowered.Slice(start, length);
        var mask = _slots.Length - 1;
        var slot = (int)hash & mask;
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

    /// <summary>All but the pairs that do not recur.</summary>
    private readonly int ListOpen()
    {
        var open = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_buffer[i].Kind != CandidateKind.Phrase || _buffer[i].Count > 1)
                _slots[open++] = (ushort)i;
        }

        return open;
    }

    private readonly int Best(ReadOnlySpan<ushort> open, int phrases)
    {
        var best = -1;
        var bestWeight = 0.0;
        for (var i = 0; i < open.Length; i++)
        {
            ref readonly var candidate = ref _buffer[open[i]];
            if (candidate.Weight > bestWeight
                && (candidate.Kind < CandidateKind.Name || (phrases < MaxPhrases && !Overlaps(candidate))))
            {
                best = i;
                bestWeight = candidate.Weight;
            }
        }

        return best;
    }

    /// <summary>What may still follow where there is enough already.</summary>
    private readonly Span<ushort> KeepNotable(Span<ushort> open)
    {
        var kept = 0;
        foreach (var index in open)
        {
            ref readonly var candidate = ref _buffer[index];
            if (!candidate.IsChosen && candidate.Kind != CandidateKind.WeakWord && candidate.Weight >= Notable)
                open[kept++] = index;
        }

        return open[..kept];
    }

    private static Span<ushort> Remove(Span<ushort> open, int index)
    {
        open[(index + 1)..].CopyTo(open[index..]);
        return open[..^1];
    }

    /// <summary>Two phrases that share a word say little more than one.</summary>
    private readonly bool Overlaps(in KeywordCandidate candidate)
    {
        foreach (ref readonly var other in _buffer[.._count])
        {
            if (other.IsChosen && other.Kind >= CandidateKind.Name
                && other.Start < candidate.Start + candidate.Length && candidate.Start < other.Start + other.Length)
            {
                return true;
            }
        }

        return false;
    }
}
