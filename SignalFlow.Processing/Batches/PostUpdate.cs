using SignalFlow.Contracts;
using SignalFlow.Processing.Surge;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>A post after a batch. <see cref="Change"/> is null when its stored row says all this already.</summary>
internal sealed record PostUpdate
{
    public required PostObservation Newest { get; init; }
    public required PostState State { get; init; }

    /// <summary>False: the batch holds no observation of the post, only that it is absent.</summary>
    public required bool IsObserved { get; init; }

    public NlpFeatures? Nlp { get; init; }

    public SurgeUpdate? Surge { get; init; }

    public double TrendingScore { get; init; }
    public bool IsTrending { get; init; }
    public required PostChange? Change { get; init; }

    public string Id => Newest.Id;

    /// <summary>As the API's SQL would show it at <paramref name="now"/>.</summary>
    public PostView ToView(DateTimeOffset now, Purge? purge)
    {
        if (purge is { } final)
            return Purged(ToView(now, purge: null), final);

        var created = PostWriter.ToDateTime(Newest.CreatedUtc);
        var ageMinutes = Math.Max(0, (now.UtcDateTime - created).TotalMinutes);
        var engagement = State.Last.Score + 2L * State.Last.Comments;
        return new()
        {
            Id = Newest.Id,
            Title = Newest.Title,
            Subreddit = Newest.Subreddit,
            Author = Newest.Author,
            Url = Newest.Url,
            Permalink = Newest.Permalink,
            CreatedUtc = created,
            FirstSeenAt = PostWriter.ToDateTime(State.FirstSeen),
            LastPolledAt = PostWriter.ToDateTime(State.Last.At),
            CurrentScore = State.Last.Score,
            CurrentComments = State.Last.Comments,
            CurrentRatio = Newest.UpvoteRatio,
            PollPriority = Newest.PollPriority,
            ScoreVelocity = State.ScoreVelocity,
            CommentVelocity = State.CommentVelocity,
            TrendingScore = TrendingScore,
            IsTrending = IsTrending,
            EngagementScore = engagement,
            AgeMinutes = ageMinutes,
            Momentum = engagement / (ageMinutes + 1),
            Over18 = Newest.Over18,
            Nlp = Nlp is null ? null : new()
            {
                SentimentScore = Nlp.SentimentScore,
                SentimentLabel = Nlp.SentimentLabel,
                Keywords = Nlp.Keywords,
                TopicCluster = Nlp.TopicCluster,
                SentimentReliable = Nlp.IsSentimentReliable,
            },
            Surge = Surge?.View,
        };
    }

    private static PostView Purged(PostView post, Purge purge)
    {
        DateTimeOffset purgedAt = PostWriter.ToDateTime(purge.At);
        return post with
        {
            Title = PostRemoval.Placeholder,
            Author = null,
            Url = null,
            Permalink = null,
            TrendingScore = 0,
            IsTrending = false,
            Nlp = null,
            Surge = null,
            // So that viewers who keep the newest state take this one, although an absent post has no new observation.
            LastPolledAt = post.LastPolledAt > purgedAt ? post.LastPolledAt : purgedAt,
            Purged = true,
            PurgedAt = purgedAt,
            PurgeReason = purge.Reason,
        };
    }
}
