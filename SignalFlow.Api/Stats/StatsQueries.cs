using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Stats;

/// <summary>Figures over the posts of a range of days, from the rollups: never from the posts themselves, so a month costs little more than a day.</summary>
internal sealed class StatsQueries(SignalFlowDbContext database)
{
    private const int TopAuthors = 20;

    // The best may have been purged since it was counted; those of other subreddits and days are at hand then.
    private const int Candidates = 10;

    public async Task<StatsView> GetAsync(StatsRange range, CancellationToken cancellationToken)
    {
        var subreddits = await SubredditsAsync(range, cancellationToken);
        return new()
        {
            Range = range,
            Overview = Overview(subreddits),
            TopPosts = new()
            {
                MostScored = await MostScoredAsync(range, cancellationToken),
                MostDiscussed = await MostDiscussedAsync(range, cancellationToken),
            },
            TopAuthors = await AuthorsAsync(range, cancellationToken),
            BySubreddit =
            [
                .. subreddits.Select(subreddit => new SubredditStats(
                    subreddit.Name, subreddit.Posts, (double)subreddit.ScoreSum / subreddit.Posts,
                    subreddit.SentimentPosts == 0 ? 0 : subreddit.SentimentSum / subreddit.SentimentPosts)),
            ],
        };
    }

    private Task<List<SubredditSums>> SubredditsAsync(StatsRange range, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<SubredditSums>($"""
            SELECT subreddit.name AS "Name", posts AS "Posts", score_sum AS "ScoreSum", comments_sum AS "CommentsSum", trending AS "Trending",
              sentiment_posts AS "SentimentPosts", sentiment_sum AS "SentimentSum"
            FROM (
              SELECT subreddit_id, sum(posts)::bigint AS posts, sum(score_sum)::bigint AS score_sum, sum(comments_sum)::bigint AS comments_sum,
                sum(trending)::bigint AS trending, sum(sentiment_posts)::bigint AS sentiment_posts, sum(sentiment_sum) AS sentiment_sum
              FROM post_stats_daily
              WHERE day BETWEEN {range.Start} AND {range.End}
              GROUP BY subreddit_id
            ) AS days
            JOIN subreddits subreddit ON subreddit.id = days.subreddit_id
            ORDER BY posts DESC, subreddit.name
            """).TagWith("stats: subreddits").ToListAsync(cancellationToken);

    private static StatsOverview Overview(List<SubredditSums> subreddits)
    {
        var posts = subreddits.Sum(subreddit => subreddit.Posts);
        var scored = subreddits.Sum(subreddit => subreddit.SentimentPosts);
        return new()
        {
            TotalPosts = posts,
            AvgScore = posts == 0 ? 0 : (double)subreddits.Sum(subreddit => subreddit.ScoreSum) / posts,
            AvgComments = posts == 0 ? 0 : (double)subreddits.Sum(subreddit => subreddit.CommentsSum) / posts,
            AvgSentiment = scored == 0 ? 0 : subreddits.Sum(subreddit => subreddit.SentimentSum) / scored,
            TrendingPosts = subreddits.Sum(subreddit => subreddit.Trending),
        };
    }

    private Task<StatsPost?> MostScoredAsync(StatsRange range, CancellationToken cancellationToken)
    {
        var best = database.DailyPostStats
            .Where(day => day.Day >= range.Start && day.Day <= range.End && day.MostScored != null)
            .OrderByDescending(day => day.MostScored).ThenBy(day => day.MostScoredId)
            .Take(Candidates)
            .Select(day => day.MostScoredId);
        return Shown(best).OrderByDescending(post => post.CurrentScore).ThenBy(post => post.Id)
            .Select(Top).TagWith("stats: most scored").FirstOrDefaultAsync(cancellationToken);
    }

    private Task<StatsPost?> MostDiscussedAsync(StatsRange range, CancellationToken cancellationToken)
    {
        var best = database.DailyPostStats
            .Where(day => day.Day >= range.Start && day.Day <= range.End && day.MostDiscussed != null)
            .OrderByDescending(day => day.MostDiscussed).ThenBy(day => day.MostDiscussedId)
            .Take(Candidates)
            .Select(day => day.MostDiscussedId);
        return Shown(best).OrderByDescending(post => post.CurrentComments).ThenBy(post => post.Id)
            .Select(Top).TagWith("stats: most discussed").FirstOrDefaultAsync(cancellationToken);
    }

    private IQueryable<Post> Shown(IQueryable<string?> ids) => database.Posts.Where(post => post.PurgedAt == null && ids.Contains(post.Id));

    private static System.Linq.Expressions.Expression<Func<Post, StatsPost>> Top { get; } = post => new StatsPost(
        post.Id, post.Title, post.Subreddit.Name, post.Author, post.CurrentScore, post.CurrentComments);

    // Exact without adding up every author: let floor be the score that twenty authors reach on one single day. Whoever is among the first
    // twenty has at least that in all, so at least its share of one day on some day; only these authors are added up. Two index scans a
    // day find them. With less than twenty authors all are.
    private Task<List<AuthorStats>> AuthorsAsync(StatsRange range, CancellationToken cancellationToken) =>
        database.Database.SqlQuery<AuthorStats>($"""
            WITH days AS MATERIALIZED (
              SELECT day::date FROM generate_series({range.Start}::timestamp, {range.End}::timestamp, interval '1 day') AS day
            ), bound AS MATERIALIZED (
              SELECT CASE WHEN count(*) < {TopAuthors} THEN -9223372036854775808 WHEN min(score) > 0 THEN min(score) / (SELECT count(*) FROM days) ELSE min(score) END AS floor
              FROM (
                SELECT author, max(score_sum) AS score
                FROM days CROSS JOIN LATERAL (
                  SELECT author, score_sum FROM post_author_days stored WHERE stored.day = days.day ORDER BY score_sum DESC LIMIT {TopAuthors}
                ) AS best
                GROUP BY author ORDER BY score DESC LIMIT {TopAuthors}
              ) AS leaders
            ), candidates AS MATERIALIZED (
              SELECT DISTINCT author
              FROM days CROSS JOIN LATERAL (
                SELECT author FROM post_author_days stored WHERE stored.day = days.day AND score_sum >= (SELECT floor FROM bound) OFFSET 0
              ) AS strong
            )
            SELECT author AS "Author", posts AS "Posts", score AS "TotalScore"
            FROM candidates CROSS JOIN LATERAL (
              SELECT sum(posts)::bigint AS posts, sum(score_sum)::bigint AS score
              FROM post_author_days stored
              WHERE stored.author = candidates.author AND day BETWEEN {range.Start} AND {range.End}
            ) AS total
            ORDER BY score DESC, author
            LIMIT {TopAuthors}
            """).TagWith("stats: authors").ToListAsync(cancellationToken);

    private sealed record SubredditSums(
        string Name, long Posts, long ScoreSum, long CommentsSum, long Trending, long SentimentPosts, double SentimentSum);
}
