namespace SignalFlow.Processing.Languages;

/// <summary>What can be told of the language of a title.</summary>
internal enum TitleLanguage : byte
{
    /// <summary>Names, numbers, a word or two: too little to tell.</summary>
    Unknown,

    English,

    /// <summary>The sentiment of such a title is not reliable, because the lexicon is English.</summary>
    NotEnglish,
}
