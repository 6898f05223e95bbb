using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Posts;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Reads the posts that stand out or trend, from the indexes that know them.</summary>
internal sealed class TrendingQueries(SignalFlowDbContext database, IOptionsMonitor<TrendingRule> rule, TimeProvider time)
{
    public const string Surge = "surge";
    public const string Rule = "rule";

    /// <summary>Emerging and trending.</summary>
    private static readonly short[] UsualPhases = [1, 2];

    /// <param name="by"><see cref="Surge"/> or <see cref="Rule"/>.</param>
    /// <param name="phases">Of the surge; none: those that rise.</param>
    /// <param name="subreddits">Lower case; none: all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<TrendingList> GetAsync(string by, short[] phases, string[] subreddits, int limit, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var start = now - PostFilter.DefaultRange;
        var posts = database.Posts.Where(post => post.PurgedAt == null && post.CreatedUtc >= start);
        var wanted = phases.Length > 0 ? phases : UsualPhases;
        posts = by == Rule ? posts.Where(post => post.IsTrending) : posts.Where(post => wanted.Contains(post.Surge!.Phase));
        if (subreddits.Length > 0)
            posts = posts.Where(post => subreddits.Contains(SignalFlowDbContext.Lower(post.Subreddit.Name)));
        var ordered = by == Rule ? posts.OrderByDescending(post => post.TrendingScore) : posts.OrderByDescending(post => post.Surge!.Surge);
        var found = await ordered
            .ThenByDescending(post => post.CreatedUtc).ThenByDescending(post => post.Id)
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
