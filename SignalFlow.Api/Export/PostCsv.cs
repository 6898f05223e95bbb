using System.Globalization;
using CsvHelper;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Export;

/// <summary>A post as a row.</summary>
internal static class PostCsv
{
    public static IReadOnlyList<string> Columns { get; } =
    [
        "id", "title", "subreddit", "author", "url", "permalink", "created_utc", "first_seen_at", "last_polled_at", "current_score", "current_comments",
        "current_ratio", "poll_priority", "score_velocity", "comment_velocity", "trending_score", "is_trending", "engagement_score", "age_minutes",
        "momentum", "over_18", "sentiment_score", "sentiment_label", "keywords", "topic_cluster", "sentiment_reliable",
    ];

    public static void Write(CsvWriter csv, PostView post)
    {
        Text(csv, post.Id);
        Text(csv, post.Title);
        Text(csv, post.Subreddit);
        Text(csv, post.Author);
        Text(csv, post.Url);
        Text(csv, post.Permalink);
        Time(csv, post.CreatedUtc);
        Time(csv, post.FirstSeenAt);
        Time(csv, post.LastPolledAt);
        csv.WriteField(post.CurrentScore);
        csv.WriteField(post.CurrentComments);
        csv.WriteField(post.CurrentRatio);
        Text(csv, post.PollPriority);
        csv.WriteField(post.ScoreVelocity);
        csv.WriteField(post.CommentVelocity);
        csv.WriteField(post.TrendingScore);
        csv.WriteField(post.IsTrending ? "true" : "false");
        csv.WriteField(post.EngagementScore);
        csv.WriteField(post.AgeMinutes);
        csv.WriteField(post.Momentum);
        csv.WriteField(post.Over18 ? "true" : "false");
        csv.WriteField(post.Nlp?.SentimentScore);
        Text(csv, post.Nlp?.SentimentLabel);
        // Keywords have no such sign in them.
        Text(csv, post.Nlp is null ? null : string.Join(';', post.Nlp.Keywords));
        csv.WriteField(post.Nlp?.TopicCluster);
        csv.WriteField(post.Nlp is null ? null : post.Nlp.SentimentReliable ? "true" : "false");
    }

    /// <summary>
    /// Spreadsheets take a cell that begins so for a formula and run it; some fold the wide forms into the plain ones. Numbers are ours, so a minus of
    /// theirs is one.
    /// </summary>
    private static void Text(CsvWriter csv, string? text) => csv.WriteField(
        text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '\uff1d' or '\uff0b' or '\uff0d' or '\uff20', ..] ? $"'{text}" : text);

    private static void Time(CsvWriter csv, DateTimeOffset time) => csv.WriteField(time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture));
}
