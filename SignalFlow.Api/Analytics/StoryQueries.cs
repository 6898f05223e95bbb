using System.Globalization;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Api.Posts;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Reads stories. One of a single post is none; what Reddit has removed tells none any more.</summary>
internal sealed class StoryQueries(SignalFlowDbContext database, TimeProvider time)
{
    private const int MostPosts = 200;
    private const int MostKeywords = 4;

    private static readonly string[] Evidence = ["first", "link", "title", "words"];

    public async Task<StoryList> ListAsync(AnalyticsWindow window, CancellationToken cancellationToken)
    {
        // As a parameter that is null, no filter.
        var subreddits = window.Subreddits.Length == 0 ? null : window.Subreddits;
        // Titles and keywords are looked up only for the stories that are shown.
        var rows = await database.Database.SqlQuery<Row>($"""
            WITH chosen AS MATERIALIZED (
              SELECT known.story, post.id, post.subreddit_id, post.current_score, post.current_comments, post.created_utc
              FROM posts post JOIN post_stories known ON known.post_id = post.id
              WHERE post.created_utc >= {window.Start} AND post.created_utc <= {window.End} AND post.purged_at IS NULL
            ), ranked AS MATERIALIZED (
              SELECT story, count(*) AS posts, sum(current_score)::bigint AS score, sum(current_comments)::bigint AS comments,
                count(DISTINCT subreddit_id)::integer AS subreddits, min(created_utc) AS first_at, max(created_utc) AS last_at
              FROM chosen
              GROUP BY story
              HAVING count(*) > 1 AND ({subreddits}::text[] IS NULL OR bool_or(EXISTS (
                SELECT FROM subreddits subreddit WHERE subreddit.id = chosen.subreddit_id AND lower(subreddit.name) = ANY ({subreddits}))))
              ORDER BY count(DISTINCT subreddit_id) DESC, count(*) DESC, max(created_utc) DESC, story LIMIT {window.Limit}
            )
            SELECT ranked.story AS "Story", best.id AS "PostId", best.title AS "Title", ranked.posts AS "Posts", ranked.score AS "TotalScore",
              ranked.comments AS "TotalComments", ranked.subreddits AS "SubredditCount", words.sentiment AS "AvgSentiment", words.keywords AS "Keywords",
              ranked.first_at AS "FirstAt", ranked.last_at AS "LastAt"
            FROM ranked
            CROSS JOIN LATERAL (
              SELECT post.id, post.title FROM chosen JOIN posts post ON post.id = chosen.id
              WHERE chosen.story = ranked.story ORDER BY post.current_score DESC, post.id LIMIT 1) AS best
            CROSS JOIN LATERAL (
              SELECT avg(features.sentiment_score) AS sentiment, coalesce((
                SELECT array_agg(counted.keyword ORDER BY counted.posts DESC, counted.keyword) FROM (
                  SELECT keyword, count(*) AS posts FROM chosen JOIN post_nlp_features ON post_id = chosen.id CROSS JOIN unnest(keywords) AS keyword
                  WHERE chosen.story = ranked.story GROUP BY keyword ORDER BY count(*) DESC, keyword LIMIT {MostKeywords}) AS counted), ARRAY[]::text[]) AS keywords
              FROM chosen JOIN post_nlp_features features ON features.post_id = chosen.id WHERE chosen.story = ranked.story) AS words
            ORDER BY ranked.subreddits DESC, ranked.posts DESC, ranked.last_at DESC, ranked.story
            """).TagWith("stories").ToListAsync(cancellationToken);
        return new() { Start = window.Start, End = window.End, Results = rows.ConvertAll(View) };
    }

    /// <returns>Null where there is no such story, or none of its posts is left.</returns>
    public async Task<StoryDetail?> GetAsync(long story, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var members = await database.PostStories.Where(row => row.Story == story).OrderBy(row => row.SeenAt).Take(MostPosts)
            .TagWith("story").ToListAsync(cancellationToken);
        var ids = members.ConvertAll(member => member.PostId);
        var posts = await database.Posts.Where(post => ids.Contains(post.Id) && post.PurgedAt == null).OrderBy(post => post.CreatedUtc).ThenBy(post => post.Id)
            .Select(PostProjection.View(now)).TagWith("story: posts").ToListAsync(cancellationToken);
        if (posts.Count == 0)
            return null;
        var first = posts[0].CreatedUtc;
        var best = posts.MaxBy(post => post.CurrentScore)!;
        var reasons = members.ToDictionary(member => member.PostId);
        return new()
        {
            Id = Text(story),
            Label = [.. posts.SelectMany(post => post.Nlp?.Keywords ?? []).GroupBy(keyword => keyword)
                .OrderByDescending(keyword => keyword.Count()).ThenBy(keyword => keyword.Key, StringComparer.Ordinal)
                .Take(MostKeywords).Select(keyword => keyword.Key)],
            PostId = best.Id,
            Title = best.Title,
            Posts = posts.Count,
            TotalScore = posts.Sum(post => (long)post.CurrentScore),
            TotalComments = posts.Sum(post => (long)post.CurrentComments),
            SubredditCount = posts.Select(post => post.Subreddit).Distinct(StringComparer.OrdinalIgnoreCase).Count(),
            AvgSentiment = posts.Average(post => post.Nlp?.SentimentScore),
            FirstAt = first,
            LastAt = posts[^1].CreatedUtc,
            Spread = [.. posts.GroupBy(post => post.Subreddit, StringComparer.OrdinalIgnoreCase).Select(group => new StorySpreadView(
                group.Key, group.First().CreatedUtc, (group.First().CreatedUtc - first).TotalMinutes,
                group.Count(), group.Sum(post => (long)post.CurrentScore)))],
            Results = posts.ConvertAll(post => new StoryPostView(post, Evidence[reasons[post.Id].Evidence], reasons[post.Id].Similarity)),
        };
    }

    /// <summary>A number of 63 bits is none that every reader of JSON can keep.</summary>
    public static string Text(long story) => story.ToString("x", CultureInfo.InvariantCulture);

    /// <returns>Null for a text that no story has.</returns>
    public static long? Number(string id) =>
        id.Length <= 16 && long.TryParse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var story) && Text(story) == id ? story : null;

    private static StoryView View(Row row) => new()
    {
        Id = Text(row.Story),
        Label = row.Keywords,
        PostId = row.PostId,
        Title = row.Title,
        Posts = row.Posts,
        TotalScore = row.TotalScore,
        TotalComments = row.TotalComments,
        SubredditCount = row.SubredditCount,
        AvgSentiment = row.AvgSentiment,
        FirstAt = row.FirstAt,
        LastAt = row.LastAt,
    };

    private sealed record Row(
        long Story, string PostId, string Title, long Posts, long TotalScore, long TotalComments, int SubredditCount, double? AvgSentiment, string[] Keywords,
        DateTime FirstAt, DateTime LastAt);
}
