using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Counts keywords over the text features of a window, which lie side by side in the order of time.</summary>
internal sealed class KeywordQueries(SignalFlowDbContext database)
{
    public async Task<KeywordList> GetAsync(AnalyticsWindow window, CancellationToken cancellationToken)
    {
        // As a parameter that is null, no filter.
        var subreddits = window.Subreddits.Length == 0 ? null : window.Subreddits;
        var rows = await database.Database.SqlQuery<Row>($"""
            WITH chosen AS MATERIALIZED (
              SELECT features.keywords, features.sentiment_score
              FROM post_nlp_features features
              WHERE features.created_utc >= {window.Start} AND features.created_utc <= {window.End} AND ({subreddits}::text[] IS NULL OR EXISTS (
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
            Start = window.Start,
            End = window.End,
            Posts = rows is [var first, ..] ? first.AllPosts : 0,
            Results = rows.ConvertAll(row => new KeywordCount(row.Keyword, row.Posts, row.AvgSentiment)),
        };
    }

    private sealed record Row(string Keyword, long Posts, double AvgSentiment, long AllPosts);
}
