using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Posts;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Reads the posts that trend, from the index that knows them.</summary>
internal sealed class TrendingQueries(SignalFlowDbContext database, IOptionsMonitor<TrendingRule> rule, TimeProvider time)
{
    public async Task<TrendingList> GetAsync(string[] subreddits, int limit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var start = now - PostFilter.DefaultRange;
        var posts = database.Posts.Where(post => post.IsTrending && post.PurgedAt == null && post.CreatedUtc >= start);
        if (subreddits.Length > 0)
            posts = posts.Where(post => subreddits.Contains(SignalFlowDbContext.Lower(post.Subreddit.Name)));
        var found = await posts
            .OrderByDescending(post => post.TrendingScore).ThenByDescending(post => post.CreatedUtc).ThenByDescending(post => post.Id)
            .Take(limit)
            .Select(PostProjection.View(now))
            .TagWith("trending")
            .ToListAsync(cancellationToken);
        var present = rule.CurrentValue;
        return new() { Thresholds = present.View, Results = found.ConvertAll(post => new TrendingPost(post, present.Parts(post))) };
    }
}

/// <summary>
/// Section <c>Trending</c>, which processing checks and rates posts by: here it explains their scores. Where the API is configured otherwise than
/// processing, so are the explanations.
/// </summary>
internal sealed class TrendingRule
{
    public const string Section = "Trending";

    public double VelocityHigh { get; set; } = 50;
    public double VelocityLow { get; set; } = 10;
    public double SentimentMin { get; set; } = 0.5;
    public int CommentMin { get; set; } = 100;
    public double Cutoff { get; set; } = 0.5;

    public TrendingValues View => new(VelocityHigh, VelocityLow, SentimentMin, CommentMin, Cutoff);

    public TrendingParts Parts(PostView post) => new(
        post.ScoreVelocity > VelocityHigh ? 0.4 : post.ScoreVelocity > VelocityLow ? 0.2 : 0,
        post.Nlp is { } nlp && Math.Abs(nlp.SentimentScore) > SentimentMin ? 0.2 : 0,
        post.CurrentComments > CommentMin ? 0.2 : 0);
}
