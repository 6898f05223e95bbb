using SignalFlow.Contracts;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Ingestion.Publishing;

internal static class RedditPostExtensions
{
    /// <summary>The observation of <paramref name="post"/> by an answer that arrived at <paramref name="arrivedAt"/>.</summary>
    public static PostObservation ToObservation(this RedditPost post, DateTimeOffset arrivedAt, Cadence cadence)
    {
        var observedAt = arrivedAt.ToUnixTimeMilliseconds() / 1000.0;
        if (post.RemovedBy is not null)
            return KnownPosts.Gone(post).ToObservation(arrivedAt);
        return new PostObservation
        {
            Id = post.Id,
            Title = post.Title,
            Selftext = post.Selftext,
            Subreddit = post.Subreddit,
            Author = post.Author,
            CreatedUtc = post.CreatedUtc,
            Score = post.Score,
            NumComments = post.NumComments,
            UpvoteRatio = post.UpvoteRatio,
            Over18 = post.Over18,
            Url = post.Url,
            Permalink = post.Permalink,
            Flair = post.Flair,
            PollPriority = cadence.PollPriority(arrivedAt - post.CreatedAt),
            ObservedAt = observedAt,
            LastPolledAt = observedAt,
        };
    }

    /// <summary>The message that a post has been removed. It holds no content, whatever the answer still showed.</summary>
    public static PostObservation ToObservation(this PostGone post, DateTimeOffset arrivedAt)
    {
        var observedAt = arrivedAt.ToUnixTimeMilliseconds() / 1000.0;
        return new PostObservation
        {
            Id = post.Id,
            Title = PostRemoval.Placeholder,
            Subreddit = post.Subreddit,
            CreatedUtc = post.CreatedAt.ToUnixTimeMilliseconds() / 1000.0,
            Score = post.Score,
            NumComments = post.Comments,
            PollPriority = "inactive",
            ObservedAt = observedAt,
            LastPolledAt = observedAt,
            RemovedByCategory = post.Reason,
        };
    }
}
