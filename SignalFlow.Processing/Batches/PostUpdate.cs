using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Batches;

/// <summary>A post after a batch. <see cref="Change"/> is null when its stored row says all this already.</summary>
internal sealed record PostUpdate
{
    public required PostObservation Newest { get; init; }
    public required PostState State { get; init; }
    public required NlpFeatures Nlp { get; init; }
    public required double TrendingScore { get; init; }
    public required bool IsTrending { get; init; }
    public required PostChange? Change { get; init; }

    public string Id => Newest.Id;

    /// <summary>As the API's SQL would show it at <paramref name="now"/>.</summary>
    public PostView ToView(DateTimeOffset now)
    {
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
            Nlp = new()
            {
                SentimentScore = Nlp.SentimentScore,
                SentimentLabel = Nlp.SentimentLabel,
                Keywords = Nlp.Keywords,
            },
        };
    }
}
