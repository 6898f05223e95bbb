namespace SignalFlow.RedditSimulator.Corpus;

/// <summary>A recorded post. Its texts stay the bytes of the file's JSON strings, together in one array.</summary>
internal sealed class CorpusPost(string id, int subreddit, string author, byte[] text, int titleLength)
{
    public string Id { get; } = id;

    /// <summary>Its place in <see cref="CorpusFile.Subreddits"/>.</summary>
    public int Subreddit { get; } = subreddit;

    public string Author { get; } = author;

    public ReadOnlyMemory<byte> TitleJson => text.AsMemory(0, titleLength);

    public ReadOnlyMemory<byte> SelfTextJson => text.AsMemory(titleLength);

    public required int Score { get; init; }

    public required int Comments { get; init; }

    /// <summary>Null where the recording does not tell.</summary>
    public required float? Ratio { get; init; }

    public required bool Over18 { get; init; }

    public required string? Permalink { get; init; }

    public required string? Url { get; init; }
}
