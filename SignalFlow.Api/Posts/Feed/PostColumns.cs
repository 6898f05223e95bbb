using Npgsql;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Posts.Feed;

/// <summary>
/// The columns of a post for hand-written queries, and how to read them: what <see cref="PostProjection"/> says for the queries that are composed.
/// </summary>
internal static class PostColumns
{
    private const int Reliable = 40;

    /// <summary>Over <c>p</c>, <c>s</c>, <c>f</c> and <c>g</c>; $1 is the present.</summary>
    public const string Sql = """
        p.id, p.title, s.name, p.author, p.url, p.permalink, p.created_utc, p.first_seen_at, greatest(p.last_polled_at, p.purged_at),
          p.current_score, p.current_comments, p.current_ratio, p.poll_priority, p.score_velocity, p.comment_velocity, p.trending_score, p.is_trending,
          p.current_score + 2 * p.current_comments::bigint,
          greatest(0, date_part('epoch', $1 - p.created_utc) / 60),
          (p.current_score + 2 * p.current_comments::bigint) / (greatest(0, date_part('epoch', $1 - p.created_utc) / 60) + 1),
          p.over_18, f.sentiment_score, f.sentiment_label, f.keywords, f.topic_cluster, p.purged_at, p.purge_reason,
          g.surge, g.phase, g.phase_since, g.times_typical, g.gain, g.window_minutes, g.age_minutes, g.forecast_low, g.forecast, g.forecast_high, g.chance,
          g.peak_velocity, g.baseline_posts, f.sentiment_reliable
        """;

    public static PostView Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetString(0),
        Title = row.GetString(1),
        Subreddit = row.GetString(2),
        Author = Text(row, 3),
        Url = Text(row, 4),
        Permalink = Text(row, 5),
        CreatedUtc = row.GetDateTime(6),
        FirstSeenAt = row.GetDateTime(7),
        LastPolledAt = row.GetDateTime(8),
        CurrentScore = row.GetInt32(9),
        CurrentComments = row.GetInt32(10),
        CurrentRatio = row.IsDBNull(11) ? null : row.GetDouble(11),
        PollPriority = Text(row, 12),
        ScoreVelocity = row.GetDouble(13),
        CommentVelocity = row.GetDouble(14),
        TrendingScore = row.GetDouble(15),
        IsTrending = row.GetBoolean(16),
        EngagementScore = row.GetInt64(17),
        AgeMinutes = row.GetDouble(18),
        Momentum = row.GetDouble(19),
        Over18 = row.GetBoolean(20),
        Nlp = row.IsDBNull(21)
            ? null
            : new()
            {
                SentimentScore = row.GetDouble(21),
                SentimentLabel = row.GetString(22),
                Keywords = row.GetFieldValue<string[]>(23),
                TopicCluster = row.IsDBNull(24) ? null : row.GetInt32(24),
                SentimentReliable = row.GetBoolean(Reliable),
            },
        Purged = !row.IsDBNull(25),
        PurgedAt = row.IsDBNull(25) ? null : row.GetDateTime(25),
        PurgeReason = Text(row, 26),
        Surge = row.IsDBNull(27) ? null : ReadSurge(row),
    };

    private static SurgeView ReadSurge(NpgsqlDataReader row) => new()
    {
        Score = row.GetDouble(27),
        Phase = SurgePhaseNames.Of(row.GetInt16(28)),
        Since = row.IsDBNull(29) ? null : row.GetDateTime(29),
        TimesTypical = row.GetDouble(30),
        Gain = row.GetInt32(31),
        WindowMinutes = row.GetDouble(32),
        AgeMinutes = row.GetDouble(33),
        Forecast = row.IsDBNull(35) ? null : new(row.GetDouble(34), row.GetDouble(35), row.GetDouble(36)),
        Chance = row.IsDBNull(37) ? null : row.GetDouble(37),
        PeakVelocity = row.GetDouble(38),
        BaselinePosts = row.GetInt32(39),
    };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
