using Microsoft.EntityFrameworkCore;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>
/// Counts the posts of a range one by one: for buckets that no rollup has, and for a keyword. Both walk an index in the order of time, and
/// <see cref="TimelineRange"/> bounds how far.
/// </summary>
internal sealed class CountedPosts(SignalFlowDbContext database)
{
    public Task<List<Row>> GetAsync(TimelineRange range, CancellationToken cancellationToken)
    {
        // As a parameter that is null, no filter.
        var subreddits = range.Subreddits.Length == 0 ? null : range.Subreddits;
        var query = range.Keyword is null ? All(range, subreddits) : WithKeyword(range, subreddits);
        return query.TagWith("timeline: posts").ToListAsync(cancellationToken);
    }

    private IQueryable<Row> All(TimelineRange range, string[]? subreddits) => database.Database.SqlQuery<Row>($"""
        SELECT date_bin({range.Bucket.Step}, post.created_utc, {range.Start}) AS "Bucket", subreddit.name AS "Subreddit", count(*) AS "Posts",
          sum(post.current_score)::bigint AS "ScoreSum", sum(post.current_comments)::bigint AS "CommentsSum",
          count(*) FILTER (WHERE post.is_trending) AS "Trending", count(features.post_id) AS "SentimentPosts",
          coalesce(sum(features.sentiment_score), 0) AS "SentimentSum"
        FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
          LEFT JOIN post_nlp_features features ON features.post_id = post.id AND features.created_utc >= {range.Start} AND features.created_utc < {range.End}
        WHERE post.created_utc >= {range.Start} AND post.created_utc < {range.End}
          AND ({subreddits}::text[] IS NULL OR lower(subreddit.name) = ANY ({subreddits}))
        GROUP BY 1, 2
        """);

    // The features of posts that follow each other lie side by side, those of purged ones are gone.
    private IQueryable<Row> WithKeyword(TimelineRange range, string[]? subreddits) => database.Database.SqlQuery<Row>($"""
        SELECT date_bin({range.Bucket.Step}, features.created_utc, {range.Start}) AS "Bucket", subreddit.name AS "Subreddit", count(*) AS "Posts",
          sum(post.current_score)::bigint AS "ScoreSum", sum(post.current_comments)::bigint AS "CommentsSum",
          count(*) FILTER (WHERE post.is_trending) AS "Trending", count(*) AS "SentimentPosts", sum(features.sentiment_score) AS "SentimentSum"
        FROM post_nlp_features features JOIN posts post ON post.id = features.post_id JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
        WHERE features.keywords @> ARRAY[{range.Keyword}] AND features.created_utc >= {range.Start} AND features.created_utc < {range.End}
          AND ({subreddits}::text[] IS NULL OR lower(subreddit.name) = ANY ({subreddits}))
        GROUP BY 1, 2
        """);

    internal sealed record Row(
        DateTime Bucket, string Subreddit, long Posts, long ScoreSum, long CommentsSum, long Trending, long SentimentPosts, double SentimentSum);
}
