using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>What the shown posts have in common, for the strip above them.</summary>
public sealed record FeedSummary(int Posts, double PostsPerMinute, int Trending, int Positive, int Neutral, int Negative)
{
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestSpan = TimeSpan.FromSeconds(1);

    public int WithSentiment => Positive + Neutral + Negative;

    public static FeedSummary Of(IReadOnlyList<PostView> posts, DateTimeOffset now)
    {
        var oldest = now;
        int recent = 0, trending = 0, positive = 0, neutral = 0, negative = 0;
        foreach (var post in posts)
        {
            if (post.CreatedUtc < oldest)
                oldest = post.CreatedUtc;
            if (now - post.CreatedUtc < Recent)
                recent++;
            if (post.IsTrending)
                trending++;
            // As the rows show it: what is not reliable is not counted.
            switch (post.Nlp is { SentimentReliable: true } nlp ? nlp.SentimentLabel : null)
            {
                case "positive": positive++; break;
                case "negative": negative++; break;
                case "neutral": neutral++; break;
            }
        }

        // A busy feed is cut off before ten minutes are over: then the rate is that of the time it covers.
        var span = now - oldest < Recent ? now - oldest : Recent;
        var perMinute = recent / (span > ShortestSpan ? span : ShortestSpan).TotalMinutes;
        return new(posts.Count, perMinute, trending, positive, neutral, negative);
    }

    /// <summary>Whole percent of the posts with a sentiment; 0 without any.</summary>
    public int Percent(int part) => WithSentiment == 0 ? 0 : (int)Math.Round(100.0 * part / WithSentiment);
}
