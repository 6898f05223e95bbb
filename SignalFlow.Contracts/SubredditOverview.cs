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

    /// <summary>How many posts have one.</summary>
    public long SentimentPosts { get; init; }

    /// <summary>
    /// Posts that these hours usually bring, as far as they are over: for each the median of the same hour of the seven days before it. Null where less
    /// than two of these days are known, and in the entry of one subreddit.
    /// </summary>
    public double? UsualPosts { get; init; }

    /// <summary>Creation of the newest post ever; null in the entry of one subreddit.</summary>
    public DateTimeOffset? LastPostAt { get; init; }

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

/// <summary>Authors of the posts that a subreddit has got in the last hours, most posts first.</summary>
public sealed record SubredditAuthorList
{
    public required string Subreddit { get; init; }
    public required DateTimeOffset Start { get; init; }
    public required DateTimeOffset End { get; init; }

    /// <summary>All posts of that time, also those without an author.</summary>
    public required long Posts { get; init; }

    /// <summary>Of all these posts; null without any.</summary>
    public double? AvgScore { get; init; }

    /// <summary>How many authors there are in all.</summary>
    public required int Authors { get; init; }

    public required IReadOnlyList<SubredditAuthor> Results { get; init; }
}

public sealed record SubredditAuthor(string Author, long Posts, long TotalScore, double AvgScore);
