namespace SignalFlow.Processing.Keywords;

/// <summary>A word of a text, by its place in it.</summary>
/// <param name="Hash">The <see cref="WordHash"/> of the word in lower case.</param>
internal readonly record struct KeywordToken(int Start, int Length, TokenTraits Traits, uint Hash)
{
    public int End => Start + Length;

    /// <summary>The candidate it is an occurrence of, from 1; 0 of none.</summary>
    public ushort Candidate { get; init; }

    public bool Is(TokenTraits trait) => (Traits & trait) != 0;
}

[Flags]
internal enum TokenTraits : ushort
{
    None = 0,

    /// <summary>Something other than white space stands between the word before and this one.</summary>
    AfterBreak = 1,

    /// <summary>First of a sentence, where a capital says nothing.</summary>
    SentenceStart = 2,

    Capitalized = 4,

    /// <summary>Two or more letters, all of them capitals.</summary>
    AllCapitals = 8,

    /// <summary>Capitals inside, as in iPhone.</summary>
    MixedCase = 16,

    /// <summary>Written with a sign that belongs to it: $tsla, #hashtag, c++, node.js.</summary>
    Symbol = 32,

    Digits = 64,

    /// <summary>No keyword by itself, but it may end a phrase: "windows 11", "vitamin c".</summary>
    Suffix = 128,

    Stop = 256,

    Weak = 512,

    /// <summary>Of a script that is written without spaces.</summary>
    Unspaced = 1024,

    StartsWithDigit = 2048,
}
