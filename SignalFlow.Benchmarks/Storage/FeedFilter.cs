namespace SignalFlow.Benchmarks.Storage;

/// <summary>A filter of <c>GET /api/posts/</c>.</summary>
/// <param name="Name">In the report.</param>
/// <param name="Condition">The same by hand, over <c>posts p</c> and <c>post_nlp_features n</c>.</param>
/// <param name="Variants">Its query strings, with the parameters of the condition.</param>
internal sealed record FeedFilter(string Name, string Condition, params QueryVariant[] Variants)
{
    /// <summary>By hand the rows come in the order of the features, whose indexes know the condition.</summary>
    public bool OfFeatures => Condition.StartsWith("n.", StringComparison.Ordinal);

    /// <summary>Every filter of the API, at values that hit much and at values that hit little.</summary>
    public static IReadOnlyList<FeedFilter> All(StorageData data, string[] subreddits)
    {
        // A day in the middle of the month.
        var start = data.Now.Date.AddDays(-15);
        var end = start.AddDays(1);
        return
        [
            new("none", "true", new QueryVariant("", [])),
            new("subreddit_large", "p.subreddit_id = (SELECT id FROM subreddits WHERE name = $1)", Value("subreddit", subreddits[0])),
            new(
                "subreddit_small", "p.subreddit_id = (SELECT id FROM subreddits WHERE name = $1)",
                Value("subreddit", subreddits[^1]), Value("subreddit", subreddits[^20]), Value("subreddit", subreddits[60])),
            new(
                "subreddits_3", "p.subreddit_id IN (SELECT id FROM subreddits WHERE name = ANY ($1))",
                new QueryVariant($"subreddit={subreddits[2]},{subreddits[20]},{subreddits[80]}", [new[] { subreddits[2], subreddits[20], subreddits[80] }])),
            new("trending", "p.is_trending", new QueryVariant("trending=true", [])),
            new("author_busy", "lower(p.author) = lower($1)", Value("author", "author_0"), Value("author", "author_3")),
            new(
                "author_rare", "lower(p.author) = lower($1)",
                Value("author", "author_20000"), Value("author", "author_60000"), Value("author", "author_99999")),
            new("flair_common", "lower(p.flair) = lower($1)", Value("flair", "Discussion")),
            new("flair_rare", "lower(p.flair) = lower($1)", Value("flair", "Meta")),
            Score(100, "true"),
            Score(1_000, "p.score_tier >= 1"),
            Score(10_000, "p.score_tier >= 2"),
            new("max_score", "p.current_score <= $1", new QueryVariant("max_score=5", [5])),
            new("sentiment_positive", "n.sentiment_label = $1", Value("sentiment", "positive")),
            new("sentiment_negative", "n.sentiment_label = $1", Value("sentiment", "negative")),
            new("min_sentiment", "n.sentiment_score >= $1", new QueryVariant("min_sentiment=0.9", [0.9])),
            new("max_sentiment", "n.sentiment_score <= $1", new QueryVariant("max_sentiment=-0.7", [-0.7])),
            new("keyword_common", "n.keywords @> ARRAY[$1::text]", [.. Vocabulary.Common[..3].Select(word => Value("keyword", word))]),
            new("keyword_rare", "n.keywords @> ARRAY[$1::text]", [.. Vocabulary.Rare[100..105].Select(word => Value("keyword", word))]),
            new("over_18", "p.over_18", new QueryVariant("over_18=true", [])),
            new("not_over_18", "NOT p.over_18", new QueryVariant("over_18=false", [])),
            new("day", "p.created_utc >= $1 AND p.created_utc < $2", new QueryVariant($"start={start:yyyy-MM-dd}&end={start:yyyy-MM-dd}", [start, end])),
            new(
                "subreddit_and_keyword", "p.subreddit_id = (SELECT id FROM subreddits WHERE name = $1) AND n.keywords @> ARRAY[$2::text]",
                new QueryVariant($"subreddit={subreddits[60]}&keyword={Vocabulary.Common[5]}", [subreddits[60], Vocabulary.Common[5]])),
            new(
                "flair_and_score", "lower(p.flair) = lower($1) AND p.current_score >= $2",
                new QueryVariant("flair=Meta&min_score=100", ["Meta", 100])),
        ];

        // An index knows the posts of a step of scores.
        static FeedFilter Score(int least, string step) =>
            new($"min_score_{least}", $"{step} AND p.current_score >= $1", new QueryVariant($"min_score={least}", [least]));
    }

    private static QueryVariant Value(string parameter, string value) => new($"{parameter}={Uri.EscapeDataString(value)}", [value]);
}
