namespace SignalFlow.Processing.Keywords;

/// <summary>A word or a two-word phrase: where it stands first, how often it occurs, and the weight of its occurrences so far.</summary>
internal record struct KeywordCandidate(uint Hash, int Start, int Length, double Weight, CandidateKind Kind)
{
    public int Count { get; set; } = 1;

    public bool IsChosen { get; set; }
}

internal enum CandidateKind : byte
{
    Word,
    WeakWord,

    /// <summary>A name with a number or a letter that makes it more precise: "windows 11", "vitamin c".</summary>
    Name,

    /// <summary>Two neighbours, a keyword only where they recur.</summary>
    Phrase,
}
