using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Stats;

internal sealed class StatsQueries(SignalFlowDbContext database)
{
    private const int TopAuthors = 20;

    public async Task<StatsView> GetAsync(StatsRange range, CancellationToken cancellationToken)
    {
        var start = range.Start.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var end = range.End.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var posts = database.Posts.Where(post => post.CreatedUtc >= start && post.CreatedUtc < end).TagWith("stats");
        // Purged posts count, but there is nothing of them to show.
        var shown = posts.Where(post => post.PurgedAt == null);
        return new()
        {
            Range = range,
            Overview = await OverviewAsync(posts, cancellationToken),
            TopPosts = new()
            {
                MostScored = await Top(shown.OrderByDescending(post => post.CurrentScore)).FirstOrDefaultAsync(cancellationToken),
                MostDiscussed = await Top(shown.OrderByDescending(post => post.CurrentComments)).FirstOrDefaultAsync(cancellationToken),
            },
            TopAuthors = await shown
                .Where(post => post.Author != null && post.Author != "[deleted]")
                .GroupBy(post => post.Author!)
                .Select(author => new { author.Key, Posts = author.LongCount(), Score = author.Sum(post => (long)post.CurrentScore) })
                .OrderByDescending(author => author.Score).ThenBy(author => author.Key)
                .Take(TopAuthors)
                .Select(author => new AuthorStats(author.Key, author.Posts, author.Score))
                .ToListAsync(cancellationToken),
            BySubreddit = await posts
                .GroupBy(post => post.Subreddit.Name)
                .Select(subreddit => new
                {
                    subreddit.Key,
                    Posts = subreddit.LongCount(),
                    Score = subreddit.Average(post => (double)post.CurrentScore),
                    Sentiment = subreddit.Average(post => post.Nlp == null ? null : (double?)post.Nlp.SentimentScore),
                })
                .OrderByDescending(subreddit => subreddit.Posts).ThenBy(subreddit => subreddit.Key)
                .Select(subreddit => new SubredditStats(subreddit.Key, subreddit.Posts, subreddit.Score, subreddit.Sentiment ?? 0))
                .ToListAsync(cancellationToken),
        };
    }

    private static async Task<StatsOverview> OverviewAsync(IQueryable<Post> posts, CancellationToken cancellationToken)
    {
        var overview = await posts
            .GroupBy(_ => 1)
            .Select(all => new
            {
                Posts = all.LongCount(),
                Score = all.Average(post => (double)post.CurrentScore),
                Comments = all.Average(post => (double)post.CurrentComments),
                Sentiment = all.Average(post => post.Nlp == null ? null : (double?)post.Nlp.SentimentScore),
                Trending = all.LongCount(post => post.IsTrending),
            })
            .SingleOrDefaultAsync(cancellationToken);
        return new()
        {
            TotalPosts = overview?.Posts ?? 0,
            AvgScore = overview?.Score ?? 0,
            AvgComments = overview?.Comments ?? 0,
            AvgSentiment = overview?.Sentiment ?? 0,
            TrendingPosts = overview?.Trending ?? 0,
        };
    }

    private static IQueryable<StatsPost> Top(IOrderedQueryable<Post> posts) =>
        posts.ThenBy(post => post.Id).Select(post => new StatsPost(
            post.Id, post.Title, post.Subreddit.Name, post.Author, post.CurrentScore, post.CurrentComments));
}
