using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Groups the posts of a window by their story. A story of one post is none.</summary>
internal sealed class TopicQueries(SignalFlowDbContext database)
{
    private const int MostSubreddits = 5;

    public async Task<TopicList> GetAsync(AnalyticsWindow window, CancellationToken cancellationToken)
    {
        // As a parameter that is null, no filter.
        var subreddits = window.Subreddits.Length == 0 ? null : window.Subreddits;
        // Titles and names are looked up only for the stories that are shown.
        var rows = await database.Database.SqlQuery<Row>($"""
            WITH chosen AS MATERIALIZED (
              SELECT features.post_id, features.topic_cluster, features.sentiment_score, features.created_utc
              FROM post_nlp_features features
              WHERE features.created_utc >= {window.Start} AND features.created_utc <= {window.End} AND features.topic_cluster IS NOT NULL
                AND ({subreddits}::text[] IS NULL OR EXISTS (
                  SELECT FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
                  WHERE post.id = features.post_id AND lower(subreddit.name) = ANY ({subreddits})))
            ), ranked AS MATERIALIZED (
              SELECT topic_cluster, count(*) AS posts, avg(sentiment_score) AS sentiment, min(created_utc) AS first_at, max(created_utc) AS last_at
              FROM chosen GROUP BY topic_cluster HAVING count(*) > 1 ORDER BY count(*) DESC, max(created_utc) DESC, topic_cluster LIMIT {window.Limit}
            )
            SELECT ranked.topic_cluster AS "Topic", best.id AS "PostId", best.title AS "Title", ranked.posts AS "Posts", best.score AS "TotalScore",
              best.subreddits AS "Subreddits", ranked.sentiment AS "AvgSentiment", ranked.first_at AS "FirstAt", ranked.last_at AS "LastAt"
            FROM ranked CROSS JOIN LATERAL (
              SELECT (array_agg(post.id ORDER BY post.current_score DESC, post.id))[1] AS id,
                (array_agg(post.title ORDER BY post.current_score DESC, post.id))[1] AS title,
                sum(post.current_score)::bigint AS score, array_agg(DISTINCT subreddit.name) AS subreddits
              FROM chosen JOIN posts post ON post.id = chosen.post_id JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
              WHERE chosen.topic_cluster = ranked.topic_cluster
            ) AS best
            ORDER BY ranked.posts DESC, ranked.last_at DESC, ranked.topic_cluster
            """).TagWith("topics").ToListAsync(cancellationToken);
        return new()
        {
            Start = window.Start,
            End = window.End,
            Results = rows.ConvertAll(row => new TopicCount
            {
                Topic = row.Topic,
                PostId = row.PostId,
                Title = row.Title,
                Posts = row.Posts,
                TotalScore = row.TotalScore,
                Subreddits = [.. row.Subreddits.Order(StringComparer.OrdinalIgnoreCase).Take(MostSubreddits)],
                SubredditCount = row.Subreddits.Length,
                AvgSentiment = row.AvgSentiment,
                FirstAt = row.FirstAt,
                LastAt = row.LastAt,
            }),
        };
    }

    private sealed record Row(
        int Topic, string PostId, string Title, long Posts, long TotalScore, string[] Subreddits, double AvgSentiment, DateTime FirstAt, DateTime LastAt);
}
