using System.Buffers;
using System.Globalization;
using System.Text;
using CsvHelper;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Export;

/// <summary>A post as a row.</summary>
internal static class PostCsv
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("=+-@\uff1d\uff0b\uff0d\uff20");

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
        // Keywords begin with no such sign.
        Text(csv, post.Nlp is null ? null : string.Join(';', post.Nlp.Keywords));
        csv.WriteField(post.Nlp?.TopicCluster);
        csv.WriteField(post.Nlp is null ? null : post.Nlp.SentimentReliable ? "true" : "false");
    }

    private static void Text(CsvWriter csv, string? text) => csv.WriteField(Harmless(text));

    /// <summary>
    /// Spreadsheets take a cell that begins so for a formula and run it; some fold the wide forms into the plain ones. Where a comma is the decimal sign they
    /// split at semicolons (others at tabs) and know nothing of our quotes, so a cell may begin in the middle of a text, or with its next line. Numbers are
    /// ours, so a minus of theirs is one.
    /// </summary>
    private static string? Harmless(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return text;
        var marked = text[0] is '\t' or '\r' or '\n' ? new StringBuilder("'") : null;
        var copied = 0;
        for (var sign = text.AsSpan().IndexOfAny(Signs); sign >= 0;)
        {
            if (BeginsCell(text.AsSpan(0, sign)))
            {
                (marked ??= new()).Append(text, copied, sign - copied).Append('\'');
                copied = sign;
            }

            var next = text.AsSpan(sign + 1).IndexOfAny(Signs);
            sign = next < 0 ? -1 : sign + 1 + next;
        }

        return marked is null ? text : marked.Append(text, copied, text.Length - copied).ToString();
    }

    // A quote after the separator begins a quoted cell.
    private static bool BeginsCell(ReadOnlySpan<char> before) => before.IsEmpty || before.TrimEnd('"') is [.., ';' or '\t' or '\r' or '\n'];

    private static void Time(CsvWriter csv, DateTimeOffset time) =>
        csv.WriteField(time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture));
}
