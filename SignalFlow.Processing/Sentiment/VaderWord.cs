namespace SignalFlow.Processing.Sentiment;

/// <summary>What the vocabulary knows of a word; the default is a word it does not know.</summary>
internal readonly record struct VaderWord
{
    /// <summary>Mean rating of the lexicon, about -4 to 4.</summary>
    public double Valence { get; init; }

    /// <summary>What a degree adverb adds to the valence of the word it modifies.</summary>
    public double Boost { get; init; }

    public VaderTerm Term { get; init; }

    /// <summary>In the lexicon. A rating may be 0, so this is not the same as a valence other than 0.</summary>
    public bool IsRated { get; init; }

    public bool IsBooster { get; init; }

    public bool IsNegation { get; init; }

    /// <summary>Written in capitals. A property of the place in a text, not of the vocabulary.</summary>
    public bool IsUpper { get; init; }
}

/// <summary>The words that a rule names. The names are the words.</summary>
internal enum VaderTerm : byte
{
    None,
    Ass,
    At,
    Bad,
    Beating,
    Bomb,
    Broken,
    Bus,
    But,
    Death,
    Die,
    Doubt,
    Enough,
    For,
    Heart,
    Just,
    Kind,
    Kiss,
    Least,
    Never,
    No,
    Nor,
    Of,
    Or,
    Right,
    Shit,
    So,
    Sort,
    Stop,
    The,
    This,
    To,
    Very,
    Without,
    Yeah,
}
