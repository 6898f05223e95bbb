using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>What the shown posts have in common, for the strip above them.</summary>
public sealed record FeedSummary(int Posts, int LastMinutes, int Trending, int Positive, int Neutral, int Negative)
{
    public static readonly TimeSpan Recent = TimeSpan.FromMinutes(10);

    public int WithSentiment => Positive + Neutral + Negative;

    public double PostsPerMinute => LastMinutes / Recent.TotalMinutes;

    public static FeedSummary Of(IReadOnlyList<PostView> posts, DateTimeOffset now)
    {
        int recent = 0, trending = 0, positive = 0, neutral = 0, negative = 0;
        foreach (var post in posts)
        {
            if (now - post.CreatedUtc < Recent)
                recent++;
            if (post.IsTrending)
                trending++;
            switch (post.Nlp?.SentimentLabel)
            {
                case "positive": positive++; break;
                case "negative": negative++; break;
                case "neutral": neutral++; break;
            }
        }

        return new(posts.Count, recent, trending, positive, neutral, negative);
    }

    /// <summary>Whole percent of the posts with a sentiment; 0 without any.</summary>
    public int Percent(int part) => WithSentiment == 0 ? 0 : (int)Math.Round(100.0 * part / WithSentiment);
}
