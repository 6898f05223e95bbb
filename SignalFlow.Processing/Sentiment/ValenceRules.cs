namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// The rules that turn the rating of a word into its valence in context: capitals, degree adverbs, negation and idioms up to three
/// words before it. Where the reference implementation departs from the paper, these follow the implementation.
/// </summary>
internal static class ValenceRules
{
    private const double CapitalsIncrement = 0.733;
    private const double NegationScalar = -0.74;
    private const double NeverSoScalar = 1.25;

    /// <param name="words">All words of the text.</param>
    /// <param name="i">The word asked for.</param>
    /// <param name="mixesCapitals">Some but not all words are in capitals, so that capitals are emphasis.</param>
    public static double Valence(ReadOnlySpan<VaderWord> words, int i, bool mixesCapitals)
    {
        var word = words[i];
        if (!word.IsRated || word.IsBooster || IsTerm(words, i, VaderTerm.Kind) && IsTerm(words, i + 1, VaderTerm.Of))
            return 0;

        var valence = Rating(words, i);
        if (word.IsUpper && mixesCapitals)
            valence += valence > 0 ? CapitalsIncrement : -CapitalsIncrement;

        for (var distance = 1; distance <= 3 && distance <= i; distance++)
        {
            var before = words[i - distance];
            if (before.IsRated)
                continue;

            var boost = Boost(before, valence, mixesCapitals);
            valence += distance switch { 2 => boost * 0.95, 3 => boost * 0.9, _ => boost };
            valence *= Negation(words, i, distance);
            if (distance == 3)
                valence = Idiom(words, i, valence);
        }

        return IsNegatedByLeast(words, i) ? valence * NegationScalar : valence;
    }

    /// <summary>"no" is a rated word of its own, unless a rated word follows: then it negates that one.</summary>
    private static double Rating(ReadOnlySpan<VaderWord> words, int i)
    {
        var negated = IsTerm(words, i - 1, VaderTerm.No)
            || IsTerm(words, i - 2, VaderTerm.No)
            || (IsTerm(words, i - 3, VaderTerm.No) && words[i - 1].Term is VaderTerm.Or or VaderTerm.Nor);
        if (negated)
            return words[i].Valence * NegationScalar;

        return words[i].Term == VaderTerm.No && i + 1 < words.Length && words[i + 1].IsRated ? 0 : words[i].Valence;
    }

    private static double Boost(VaderWord booster, double valence, bool mixesCapitals)
    {
        if (!booster.IsBooster)
            return 0;

        var boost = valence < 0 ? -booster.Boost : booster.Boost;
        if (booster.IsUpper && mixesCapitals)
            boost += valence > 0 ? CapitalsIncrement : -CapitalsIncrement;
        return boost;
    }

    /// <summary>The factor by which the word at <paramref name="distance"/> before <paramref name="i"/> negates or strengthens it.</summary>
    private static double Negation(ReadOnlySpan<VaderWord> words, int i, int distance)
    {
        var isSoOrThis = words[i - 1].Term is VaderTerm.So or VaderTerm.This;
        var before = words[i - distance];
        switch (distance)
        {
            case 2 when before.Term == VaderTerm.Never && isSoOrThis:
            // The missing parentheses are the reference's: "so" or "this" right before the word is enough, without any "never".
            case 3 when (before.Term == VaderTerm.Never && words[i - 2].Term is VaderTerm.So or VaderTerm.This) || isSoOrThis:
                return NeverSoScalar;
            case 2 when before.Term == VaderTerm.Without && words[i - 1].Term == VaderTerm.Doubt:
            case 3 when before.Term == VaderTerm.Without && (words[i - 2].Term == VaderTerm.Doubt || words[i - 1].Term == VaderTerm.Doubt):
                return 1;
            default:
                return before.IsNegation ? NegationScalar : 1;
        }
    }

    /// <summary>Asked only where three words precede and the first of them is unrated, as the reference does.</summary>
    private static double Idiom(ReadOnlySpan<VaderWord> words, int i, double valence)
    {
        var (three, two, one, zero) = (words[i - 3].Term, words[i - 2].Term, words[i - 1].Term, words[i].Term);
        valence = Idiom(one, zero) ?? Idiom(two, one, zero) ?? Idiom(two, one) ?? Idiom(three, two, one) ?? Idiom(three, two) ?? valence;

        if (i + 1 < words.Length)
            valence = Idiom(zero, words[i + 1].Term) ?? valence;
        if (i + 2 < words.Length)
            valence = Idiom(zero, words[i + 1].Term, words[i + 2].Term) ?? valence;

        if (IsDampener(three, two))
            valence -= VaderVocabulary.BoostIncrement;
        if (IsDampener(two, one))
            valence -= VaderVocabulary.BoostIncrement;
        return valence;
    }

    private static double? Idiom(VaderTerm first, VaderTerm second) => (first, second) switch
    {
        (VaderTerm.The, VaderTerm.Shit or VaderTerm.Bomb) => 3,
        (VaderTerm.Bad, VaderTerm.Ass) => 1.5,
        (VaderTerm.Bus, VaderTerm.Stop) => 0,
        (VaderTerm.Yeah, VaderTerm.Right) => -2,
        (VaderTerm.Beating, VaderTerm.Heart) => 3.1,
        (VaderTerm.Broken, VaderTerm.Heart) => -2.9,
        _ => null,
    };

    private static double? Idiom(VaderTerm first, VaderTerm second, VaderTerm third) => (first, second, third) switch
    {
        (VaderTerm.Kiss, VaderTerm.Of, VaderTerm.Death) => -1.5,
        (VaderTerm.To, VaderTerm.Die, VaderTerm.For) => 3,
        _ => null,
    };

    private static bool IsDampener(VaderTerm first, VaderTerm second) =>
        (first, second) is (VaderTerm.Just, VaderTerm.Enough) or (VaderTerm.Kind or VaderTerm.Sort, VaderTerm.Of);

    private static bool IsNegatedByLeast(ReadOnlySpan<VaderWord> words, int i) =>
        IsTerm(words, i - 1, VaderTerm.Least) && !IsTerm(words, i - 2, VaderTerm.At) && !IsTerm(words, i - 2, VaderTerm.Very);

    private static bool IsTerm(ReadOnlySpan<VaderWord> words, int i, VaderTerm term) =>
        (uint)i < (uint)words.Length && words[i].Term == term;
}
