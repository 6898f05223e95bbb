namespace SignalFlow.Processing.Keywords;

internal enum WordRank : byte
{
    Content,

    /// <summary>Too common to be a subject, but better than nothing.</summary>
    Weak,

    /// <summary>No subject at all.</summary>
    Stop,

    /// <summary>A function word of another language than English.</summary>
    ForeignStop,
}

/// <summary>The word lists beside this file.</summary>
internal static class StopWords
{
    private static readonly WordTable<WordRank> Ranks = Load();

    public static WordRank RankOf(ReadOnlySpan<char> lowered) => Ranks.Find(lowered);

    /// <param name="hash">The word's <see cref="WordHash"/>.</param>
    public static WordRank RankOf(ReadOnlySpan<char> lowered, uint hash) => Ranks.Find(lowered, hash);

    private static WordTable<WordRank> Load()
    {
        var words = new Dictionary<string, WordRank>(StringComparer.Ordinal);
        Read("stop-words-foreign.txt", WordRank.ForeignStop);
        Read("weak-words.txt", WordRank.Weak);
        Read("stop-words.txt", WordRank.Stop);
        return new WordTable<WordRank>(words);

        // A word of two lists has the rank of the later one.
        void Read(string name, WordRank rank)
        {
            foreach (var line in EmbeddedText.ReadLines(typeof(StopWords), name))
            {
                if (line.StartsWith('#'))
                    continue;
                foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    words[word] = rank;
            }
        }
    }
}
