namespace SignalFlow.Benchmarks.Storage;

/// <summary>What is written in a made-up post, and what the analysis is said to have found in it; the same for the same number.</summary>
internal sealed record PostContent
{
    private const int CommonInTitle = 9;

    private static readonly string[] Flairs =
        ["Discussion", "Question", "News", "Help", "Meme", "Video", "Guide", "Review", "Official", "Rumour", "Fan Art", "Meta"];

    public required string Title { get; init; }
    public required string? Body { get; init; }
    public required string Author { get; init; }
    public required string? Flair { get; init; }
    public required bool Over18 { get; init; }
    public required double Sentiment { get; init; }
    public required string[] Keywords { get; init; }
    public required bool IsTrending { get; init; }
    public required bool IsPurged { get; init; }

    public string Label => Sentiment switch { > 0.05 => "positive", < -0.05 => "negative", _ => "neutral" };

    public static PostContent Of(int post)
    {
        var random = new Random(post);
        var author = StorageData.Author(post);
        var rare = Vocabulary.Rare[(int)(post * 2_654_435_761L % Vocabulary.Rare.Length)];
        var middling = Vocabulary.Middling[random.Next(Vocabulary.Middling.Length)];
        var words = random.GetItems(Vocabulary.Common, CommonInTitle + 2);
        var keywords = new[] { rare, middling, words[0], words[1], words[2] };
        words[^1] = rare;
        words[^2] = middling;
        random.Shuffle(words);
        var hasBody = random.Next(100) < 40;
        return new()
        {
            Title = string.Join(' ', words),
            Body = hasBody ? string.Join(' ', random.GetItems(Vocabulary.OfBodies, 30)) : null,
            Author = author,
            // Few flairs are on most of the posts that have one.
            Flair = random.Next(100) < 70 ? Flairs[(int)(Flairs.Length * Math.Pow(random.NextDouble(), 2))] : null,
            Over18 = random.Next(100) < 8,
            Sentiment = random.Next(100) < 35 ? 0 : Math.Round(random.NextDouble() * 1.9 - 0.75, 4),
            Keywords = keywords,
            IsTrending = random.Next(100) < 1,
            IsPurged = random.Next(1000) < 5,
        };
    }
}
