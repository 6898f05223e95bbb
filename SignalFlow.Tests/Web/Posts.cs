using SignalFlow.Contracts;

namespace SignalFlow.Tests.Web;

/// <summary>Posts for the tests of the UI, in the state that matters to them.</summary>
internal static class Posts
{
    public static readonly DateTimeOffset Now = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    // One for all: lists in records are equal only when they are the same.
    private static readonly NlpView Nlp = new() { SentimentScore = 0.3412, SentimentLabel = "positive", Keywords = ["battery", "range"] };

    /// <summary>The newer the higher <paramref name="number"/>; one minute apart, 0 at <see cref="Now"/> minus a day.</summary>
    public static PostView Post(int number, int polls = 0) => new()
    {
        Id = $"p{number:D5}",
        Title = $"Post number {number}",
        Subreddit = "technology",
        Author = "someone",
        Permalink = $"/r/technology/comments/p{number:D5}/post/",
        CreatedUtc = Now.AddDays(-1).AddMinutes(number),
        FirstSeenAt = Now.AddDays(-1).AddMinutes(number + 1),
        LastPolledAt = Now.AddDays(-1).AddMinutes(number + 1).AddSeconds(polls),
        CurrentScore = 100 + polls,
        CurrentComments = 7,
        CurrentRatio = 0.97,
        ScoreVelocity = 0.2053,
        CommentVelocity = 0.01,
        TrendingScore = 0.2,
        IsTrending = false,
        EngagementScore = 114 + polls,
        AgeMinutes = 1,
        Momentum = 1,
        Nlp = Nlp,
    };

    /// <summary>The post after Reddit has removed it.</summary>
    public static PostView Purged(int number, int polls = 0) => Post(number, polls) with
    {
        Title = PostRemoval.Placeholder,
        Author = null,
        Permalink = null,
        Nlp = null,
        Purged = true,
        PurgedAt = Now,
        PurgeReason = "moderator",
    };

    /// <summary>Posts <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static PostView[] Range(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(number => Post(number))];
}
