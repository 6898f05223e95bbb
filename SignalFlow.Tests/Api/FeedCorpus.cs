using SignalFlow.Storage.Posts;

namespace SignalFlow.Tests.Api;

/// <summary>A filter as the API takes it, and by hand.</summary>
/// <param name="Query">The query string.</param>
/// <param name="Condition">Over <c>posts p</c>, <c>subreddits s</c> and <c>post_nlp_features f</c>.</param>
internal sealed record FilterCase(string Query, string Condition)
{
    /// <summary>Two cases of one subject cannot be combined.</summary>
    public string Subject => Query[..Query.IndexOf('=', StringComparison.Ordinal)].Replace("min_", "").Replace("max_", "");
}

/// <summary>Some hundred posts of every kind that a filter tells apart, many of the same instant, and every filter there is.</summary>
internal static class FeedCorpus
{
    public const int Posts = 400;

    private static readonly string[]
        Subreddits = ["alpha", "Beta", "gamma", "delta"],
        Authors = ["Ann", "ben", "Cid", "[deleted]"],
        Words = ["red", "blue", "fox", "foxes", "dog", "runs", "running", "quick", "the", "and", "never"];

    private static readonly int[] Scores = [-7, 0, 0, 1, 5, 12, 500, 999, 1_000, 1_500, 9_999, 10_000, 20_000];
    private static readonly double[] Sentiments = [-0.97, -0.5, -0.05, 0, 0, 0.05, 0.4, 0.93, 1];

    public static IReadOnlyList<FilterCase> Filters { get; } =
    [
        new("subreddit=ALPHA", "s.name = 'alpha'"),
        new("subreddit=alpha,beta,none", "s.name IN ('alpha', 'Beta')"),
        new("subreddit=none", "false"),
        new("author=ann", "p.author = 'Ann'"),
        new("author=%5Bdeleted%5D", "p.author = '[deleted]'"),
        new("flair=Breaking%20NEWS", "p.flair = 'Breaking news'"),
        new("trending=true", "p.is_trending"),
        new("trending=false", "NOT p.is_trending"),
        new("over_18=true", "p.over_18"),
        new("over_18=0", "NOT p.over_18"),
        new("min_score=2", "p.current_score >= 2"),
        new("min_score=1000", "p.current_score >= 1000"),
        new("min_score=10001", "p.current_score >= 10001"),
        new("max_score=-1", "p.current_score <= -1"),
        new("max_score=999", "p.current_score <= 999"),
        new("min_score=500&max_score=1500", "p.current_score BETWEEN 500 AND 1500"),
        new("sentiment=negative", "f.sentiment_label = 'negative'"),
        new("sentiment=Neutral", "f.sentiment_label = 'neutral'"),
        new("min_sentiment=0.93", "f.sentiment_score >= 0.93"),
        new("min_sentiment=-0.05", "f.sentiment_score >= -0.05"),
        new("max_sentiment=-0.9", "f.sentiment_score <= -0.9"),
        new("min_sentiment=-0.5&max_sentiment=-0.05", "f.sentiment_score BETWEEN -0.5 AND -0.05"),
        new("keyword=Red", "'red' = ANY (f.keywords)"),
        new("keyword=dog,quick", "'dog' = ANY (f.keywords) AND 'quick' = ANY (f.keywords)"),
        new("start=2026-11-23T11:00Z", "p.created_utc >= '2026-11-23 11:00+00'"),
        new("end=2026-11-23T11:30Z", "p.created_utc < '2026-11-23 11:30+00'"),
        Search("fox", "english"),
        Search("quick running", "english"),
        Search("\"red fox\"", "english"),
        Search("red or dog -blue", "english"),
        Search("-quick", "english"),
        Search("the", "simple"),
        Search("\"the and\"", "simple"),
        Search("absent", "english"),
    ];

    public static IEnumerable<PostChange> Changes(ApiApplication api)
    {
        var random = new Random(4);
        for (var number = 0; number < Posts; number++)
        {
            var title = string.Join(' ', Enumerable.Range(0, 6).Select(_ => Pick(Words)));
            var sentiment = Pick(Sentiments);
            var change = api.Post($"p{random.Next(1_000_000):D6}", random.Next(90), Pick(Scores), subreddit: Pick(Subreddits), title: title);
            yield return change with
            {
                Newest = change.Newest with
                {
                    Author = Pick(Authors),
                    Flair = random.Next(3) switch { 0 => null, 1 => "Breaking news", _ => "Other" },
                    Over18 = random.Next(8) == 0,
                    Selftext = random.Next(2) == 0 ? null : string.Join(' ', Enumerable.Range(0, 9).Select(_ => Pick(Words))),
                },
                IsTrending = random.Next(9) == 0,
                TrendingScore = random.Next(6) / 5.0,
                Nlp = new(sentiment, sentiment >= 0.05 ? "positive" : sentiment <= -0.05 ? "negative" : "neutral", [.. title.Split(' ').Distinct()]),
            };
        }

        T Pick<T>(T[] values) => values[random.Next(values.Length)];
    }

    /// <summary>What a filter lists, asked for in the plainest way.</summary>
    public static Task<IReadOnlyList<string>> NaiveAsync(ApiApplication api, IEnumerable<FilterCase> filters, string order = "p.created_utc DESC, p.id DESC") =>
        api.Database.TextsAsync($"""
            SELECT p.id
            FROM posts p JOIN subreddits s ON s.id = p.subreddit_id LEFT JOIN post_nlp_features f ON f.post_id = p.id
            WHERE p.purged_at IS NULL AND {string.Join(" AND ", filters.Select(filter => $"({filter.Condition})"))}
            ORDER BY {order}
            """);

    private static FilterCase Search(string text, string language) => new(
        $"q={Uri.EscapeDataString(text)}", $"f.document @@ websearch_to_tsquery('{language}', '{text}')");
}
