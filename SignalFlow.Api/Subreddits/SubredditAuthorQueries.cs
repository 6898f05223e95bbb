using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Subreddits;

/// <summary>Who posts in a subreddit, beside what its posts get on average.</summary>
internal sealed class SubredditAuthorQueries(SignalFlowDbContext database, SubredditQueries subreddits, TimeProvider time)
{
    /// <returns>Null: no post of it was ever seen.</returns>
    public async Task<SubredditAuthorList?> GetAsync(string name, int hours, int limit, CancellationToken cancellationToken)
    {
        if (await subreddits.FindAsync(name, cancellationToken) is not { } subreddit)
            return null;
        var end = time.GetUtcNow().UtcDateTime;
        var start = end.AddHours(-hours);
        var posts = database.Posts.Where(
            post => post.SubredditId == subreddit.Id && post.CreatedUtc >= start && post.CreatedUtc <= end && post.PurgedAt == null);
        var all = await posts
            .GroupBy(post => post.SubredditId)
            .Select(group => new { Posts = group.LongCount(), AvgScore = group.Average(post => (double)post.CurrentScore) })
            .TagWith("subreddit: posts of authors")
            .FirstOrDefaultAsync(cancellationToken);
        var authors = posts.Where(post => post.Author != null && post.Author != "[deleted]").GroupBy(post => post.Author!);
        return new()
        {
            Subreddit = subreddit.Name,
            Start = start,
            End = end,
            Posts = all?.Posts ?? 0,
            AvgScore = all?.AvgScore,
            Authors = await authors.TagWith("subreddit: count of authors").CountAsync(cancellationToken),
            Results = await authors
                .Select(group => new { Author = group.Key, Posts = group.LongCount(), Score = group.Sum(post => (long)post.CurrentScore) })
                .OrderByDescending(author => author.Posts).ThenByDescending(author => author.Score).ThenBy(author => author.Author)
                .Take(limit)
                .Select(author => new SubredditAuthor(author.Author, author.Posts, author.Score, (double)author.Score / author.Posts))
                .TagWith("subreddit: authors")
                .ToListAsync(cancellationToken),
        };
    }
}
