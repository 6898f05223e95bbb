using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Counts keywords over the text features of a window, which lie side by side in the order of time.</summary>
internal sealed class KeywordQueries(SignalFlowDbContext database, TimeProvider time)
{
    public async Task<KeywordList> GetAsync(KeywordWindow window, CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow().UtcDateTime;
        var start = end.AddHours(-window.Hours);
        // As a parameter that is null, no filter.
        var subreddits = window.Subreddits.Length == 0 ? null : window.Subreddits;
        var rows = await database.Database.SqlQuery<Row>($"""
            WITH chosen AS MATERIALIZED (
              SELECT features.keywords, features.sentiment_score
              FROM post_nlp_features features
              WHERE features.created_utc >= {start} AND features.created_utc <= {end} AND ({subreddits}::text[] IS NULL OR EXISTS (
                SELECT FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
                WHERE post.id = features.post_id AND lower(subreddit.name) = ANY ({subreddits})))
            )
            SELECT keyword AS "Keyword", count(*) AS "Posts", avg(sentiment_score) AS "AvgSentiment",
              (SELECT count(*) FROM chosen WHERE keywords <> ARRAY[]::text[]) AS "AllPosts"
            FROM chosen CROSS JOIN unnest(keywords) AS keyword
            GROUP BY keyword ORDER BY count(*) DESC, keyword LIMIT {window.Limit}
            """).TagWith("keywords").ToListAsync(cancellationToken);
        return new()
        {
            Start = start,
            End = end,
            Posts = rows is [var first, ..] ? first.AllPosts : 0,
            Results = rows.ConvertAll(row => new KeywordCount(row.Keyword, row.Posts, row.AvgSentiment)),
        };
    }

    private sealed record Row(string Keyword, long Posts, double AvgSentiment, long AllPosts);
}
