using Npgsql;
using SignalFlow.Contracts;

namespace SignalFlow.Storage.Posts;

/// <summary>The statement that writes the rows of <c>posts</c>.</summary>
internal static class PostUpsert
{
    // The guard lets a row through only if every stored observation is among the given two or older than both; then the given pair
    // is the newest pair, whatever the cache said. Addresses and creation never change, so they are not set again, only for the first time
    // where an import did not know them; what came with an older observation than the stored one does not replace it.
    // The name of an author who has deleted the account goes, and does not come back.
    // A purge is final: the earliest counts, and no content passes a row that is purged or is being purged. Trending rests on the
    // title's sentiment, so it goes, too. The subquery of RETURNING sees the row as it was before,
    // and xmax is 0 of a row that was not there. A subreddit that is missing must fail the batch, not drop rows: hence the left join.
    private const string Sql = """
        INSERT INTO posts AS post (
          id, subreddit_id, title, selftext, author, url, permalink, flair, over_18, created_utc, first_seen_at,
          last_polled_at, current_score, current_comments, current_ratio, prev_polled_at, prev_score, prev_comments,
          poll_priority, score_velocity, comment_velocity, trending_score, is_trending, purged_at, purge_reason)
        SELECT
          given.id, subreddit.id, given.title, given.selftext, given.author, given.url, given.permalink, given.flair, given.over_18,
          given.created_utc, given.first_seen_at, given.last_polled_at, given.score, given.comments, given.ratio,
          given.prev_polled_at, given.prev_score, given.prev_comments,
          given.poll_priority, given.score_velocity, given.comment_velocity, given.trending_score, given.is_trending,
          given.purged_at, given.purge_reason
        FROM unnest(
          $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25
        ) AS given (
          id, subreddit, title, selftext, author, url, permalink, flair, over_18, created_utc, first_seen_at,
          last_polled_at, score, comments, ratio, prev_polled_at, prev_score, prev_comments,
          poll_priority, score_velocity, comment_velocity, trending_score, is_trending, purged_at, purge_reason)
        LEFT JOIN subreddits subreddit ON subreddit.name = given.subreddit
        ORDER BY given.id
        ON CONFLICT (id) DO UPDATE SET
          title = CASE
            WHEN excluded.purged_at IS NOT NULL OR post.purged_at IS NULL AND excluded.last_polled_at > post.last_polled_at THEN excluded.title
            ELSE post.title END,
          selftext = CASE
            WHEN coalesce(post.purged_at, excluded.purged_at) IS NOT NULL THEN NULL
            WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.selftext
            ELSE post.selftext END,
          author = CASE
            WHEN excluded.purged_at IS NOT NULL OR post.purged_at IS NOT NULL THEN NULL
            WHEN excluded.author = '[deleted]' THEN excluded.author
            ELSE post.author END,
          url = CASE WHEN coalesce(post.purged_at, excluded.purged_at) IS NULL THEN coalesce(post.url, excluded.url) END,
          permalink = CASE WHEN coalesce(post.purged_at, excluded.purged_at) IS NULL THEN coalesce(post.permalink, excluded.permalink) END,
          first_seen_at = CASE
            WHEN post.last_polled_at = '-infinity' AND excluded.last_polled_at > '-infinity' THEN excluded.first_seen_at
            ELSE least(post.first_seen_at, excluded.first_seen_at) END,
          last_polled_at = excluded.last_polled_at,
          current_score = excluded.current_score,
          current_comments = excluded.current_comments,
          current_ratio = CASE WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.current_ratio ELSE post.current_ratio END,
          prev_polled_at = excluded.prev_polled_at,
          prev_score = excluded.prev_score,
          prev_comments = excluded.prev_comments,
          flair = CASE
            WHEN coalesce(post.purged_at, excluded.purged_at) IS NOT NULL THEN NULL
            WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.flair
            ELSE post.flair END,
          over_18 = CASE WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.over_18 ELSE post.over_18 END,
          poll_priority = CASE WHEN excluded.last_polled_at > post.last_polled_at THEN excluded.poll_priority ELSE post.poll_priority END,
          score_velocity = excluded.score_velocity,
          comment_velocity = excluded.comment_velocity,
          trending_score = CASE WHEN coalesce(post.purged_at, excluded.purged_at) IS NULL THEN excluded.trending_score ELSE 0 END,
          is_trending = coalesce(post.purged_at, excluded.purged_at) IS NULL AND excluded.is_trending,
          purged_at = least(post.purged_at, excluded.purged_at),
          purge_reason = CASE
            WHEN post.purged_at IS NULL OR excluded.purged_at < post.purged_at THEN excluded.purge_reason
            WHEN excluded.purged_at = post.purged_at THEN least(post.purge_reason COLLATE "C", excluded.purge_reason COLLATE "C")
            ELSE post.purge_reason END
        WHERE excluded.prev_polled_at >= post.last_polled_at
           OR excluded.last_polled_at = post.last_polled_at
              AND (post.prev_polled_at IS NULL OR excluded.prev_polled_at >= post.prev_polled_at)
           OR post.last_polled_at = '-infinity'
        RETURNING
          post.id, post.purged_at, post.purge_reason,
          post.purged_at IS NOT NULL
            AND NOT EXISTS (SELECT FROM posts before WHERE before.id = post.id AND before.purged_at IS NOT NULL),
          post.xmax = 0
        """;

    public static NpgsqlBatchCommand Command(List<PostChange> posts)
    {
        var command = new NpgsqlBatchCommand(Sql);
        var parameters = command.Parameters;
        PostWriter.Add(parameters, posts, post => post.Newest.Id);
        PostWriter.Add(parameters, posts, post => post.Newest.Subreddit);
        AddContent(parameters, posts);
        PostWriter.Add(parameters, posts, post => post.Newest.Over18);
        PostWriter.Add(parameters, posts, post => PostWriter.ToDateTime(post.Newest.CreatedUtc));
        PostWriter.Add(parameters, posts, post => PostWriter.ToDateTime(post.State.FirstSeen));
        PostWriter.Add(parameters, posts, post => PostWriter.ToDateTime(post.State.Last.At));
        PostWriter.Add(parameters, posts, post => post.State.Last.Score);
        PostWriter.Add(parameters, posts, post => post.State.Last.Comments);
        PostWriter.Add(parameters, posts, post => post.Newest.UpvoteRatio);
        PostWriter.Add(parameters, posts, post => post.State.Previous is { } previous ? PostWriter.ToDateTime(previous.At) : (DateTime?)null);
        PostWriter.Add(parameters, posts, post => post.State.Previous?.Score);
        PostWriter.Add(parameters, posts, post => post.State.Previous?.Comments);
        PostWriter.Add(parameters, posts, post => post.Newest.PollPriority);
        PostWriter.Add(parameters, posts, post => post.State.ScoreVelocity);
        PostWriter.Add(parameters, posts, post => post.State.CommentVelocity);
        PostWriter.Add(parameters, posts, post => post.Purge is null ? post.TrendingScore : 0);
        PostWriter.Add(parameters, posts, post => post.Purge is null && post.IsTrending);
        PostWriter.Add(parameters, posts, post => post.Purge is { } purge ? PostWriter.ToDateTime(purge.At) : (DateTime?)null);
        PostWriter.Add(parameters, posts, post => post.Purge?.Reason);
        return command;
    }

    /// <summary>The columns that a purge empties.</summary>
    private static void AddContent(NpgsqlParameterCollection parameters, List<PostChange> posts)
    {
        PostWriter.Add(parameters, posts, post => post.Purge is null ? post.Newest.Title : PostRemoval.Placeholder);
        PostWriter.Add(parameters, posts, post => post.Purge is null ? post.Newest.Selftext : null);
        PostWriter.Add(parameters, posts, post => post.Purge is null ? post.Newest.Author : null);
        PostWriter.Add(parameters, posts, post => post.Purge is null ? post.Newest.Url : null);
        PostWriter.Add(parameters, posts, post => post.Purge is null ? post.Newest.Permalink : null);
        PostWriter.Add(parameters, posts, post => post.Purge is null ? post.Newest.Flair : null);
    }
}
