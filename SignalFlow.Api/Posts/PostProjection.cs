using System.Linq.Expressions;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts;

/// <summary>The formulas of the contract as expressions, so that PostgreSQL computes, sorts and compares by them.</summary>
internal static class PostProjection
{
    public static Expression<Func<Post, PostView>> View(DateTime now) => post => new PostView
    {
        Id = post.Id,
        Title = post.Title,
        Subreddit = post.Subreddit.Name,
        Author = post.Author,
        Url = post.Url,
        Permalink = post.Permalink,
        CreatedUtc = post.CreatedUtc,
        FirstSeenAt = post.FirstSeenAt,
        // Not before the end of the post, which may have been told without an observation, even without any at all.
        LastPolledAt = post.PurgedAt != null && post.PurgedAt > post.LastPolledAt ? post.PurgedAt.Value : post.LastPolledAt,
        CurrentScore = post.CurrentScore,
        CurrentComments = post.CurrentComments,
        CurrentRatio = post.CurrentRatio,
        PollPriority = post.PollPriority,
        ScoreVelocity = post.ScoreVelocity,
        CommentVelocity = post.CommentVelocity,
        TrendingScore = post.TrendingScore,
        IsTrending = post.IsTrending,
        EngagementScore = post.CurrentScore + 2L * post.CurrentComments,
        // A post that is newer than the page it stands on is new, not of negative age.
        AgeMinutes = Math.Max(0, (now - post.CreatedUtc).TotalMinutes),
        Momentum = (post.CurrentScore + 2L * post.CurrentComments) / (Math.Max(0, (now - post.CreatedUtc).TotalMinutes) + 1),
        Over18 = post.Over18,
        Nlp = post.Nlp == null
            ? null
            : new NlpView
            {
                SentimentScore = post.Nlp.SentimentScore,
                SentimentLabel = post.Nlp.SentimentLabel,
                Keywords = post.Nlp.Keywords,
                TopicCluster = post.Nlp.TopicCluster,
                SentimentReliable = post.Nlp.SentimentReliable,
            },
        Surge = post.Surge == null
            ? null
            : new SurgeView
            {
                Score = post.Surge.Surge,
                Phase = SurgePhaseNames.Of(post.Surge.Phase),
                Since = post.Surge.PhaseSince,
                TimesTypical = post.Surge.TimesTypical,
                Gain = post.Surge.Gain,
                WindowMinutes = post.Surge.WindowMinutes,
                AgeMinutes = post.Surge.AgeMinutes,
                Forecast = post.Surge.Forecast == null ? null : new(post.Surge.ForecastLow!.Value, post.Surge.Forecast.Value, post.Surge.ForecastHigh!.Value),
                Chance = post.Surge.Chance,
                PeakVelocity = post.Surge.PeakVelocity,
                BaselinePosts = post.Surge.BaselinePosts,
            },
        Purged = post.PurgedAt != null,
        PurgedAt = post.PurgedAt,
        PurgeReason = post.PurgeReason,
    };

    public static Expression<Func<Post, double>> Key(PostSort sort, DateTime now) => sort switch
    {
        PostSort.Score => post => post.CurrentScore,
        PostSort.Velocity => post => post.ScoreVelocity,
        PostSort.Trending => post => post.TrendingScore,
        // What nobody has compared yet is last.
        PostSort.Surge => post => post.Surge == null ? -1 : post.Surge.Surge,
        PostSort.Momentum => post =>
            (post.CurrentScore + 2L * post.CurrentComments) / (Math.Max(0, (now - post.CreatedUtc).TotalMinutes) + 1),
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, "Lists by creation are ordered by (created_utc, id)."),
    };
}
