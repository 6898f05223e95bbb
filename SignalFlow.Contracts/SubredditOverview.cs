namespace SignalFlow.Contracts;

/// <summary>What the last hours have brought, by subreddit.</summary>
public sealed record SubredditOverviewList
{
    /// <summary>Start of the first hour.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>End of the last, unfinished one.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Most posts first; only those with a post or an observation.</summary>
    public required IReadOnlyList<SubredditOverview> Results { get; init; }
}

public sealed record SubredditOverview
{
    public required string Subreddit { get; init; }

    /// <summary>Created in these hours.</summary>
    public required long Posts { get; init; }

    public required long TrendingPosts { get; init; }
    public required double AvgScore { get; init; }
    public required double AvgComments { get; init; }

    /// <summary>Null where no post has a sentiment.</summary>
    public double? AvgSentiment { get; init; }

    /// <summary>Of any post, made in these hours.</summary>
    public required long Observations { get; init; }

    /// <summary>Every hour, oldest first, also those in which nothing happened.</summary>
    public required IReadOnlyList<SubredditHour> Series { get; init; }
}

/// <param name="Start">Of the hour, UTC.</param>
/// <param name="Posts">Created in it.</param>
/// <param name="AvgSentiment">Of these posts; null where none has one.</param>
/// <param name="Observations">Made in it.</param>
public sealed record SubredditHour(DateTimeOffset Start, long Posts, double? AvgSentiment, long Observations);
