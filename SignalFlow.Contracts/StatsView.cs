namespace SignalFlow.Contracts;

/// <summary>Figures over the posts created in a range of days (UTC, both ends included).</summary>
public sealed record StatsView
{
    public required StatsRange Range { get; init; }
    public required StatsOverview Overview { get; init; }
    public required StatsTopPosts TopPosts { get; init; }
    public required IReadOnlyList<AuthorStats> TopAuthors { get; init; }
    public required IReadOnlyList<SubredditStats> BySubreddit { get; init; }
}

public sealed record StatsRange(DateOnly Start, DateOnly End);

public sealed record StatsOverview
{
    public required long TotalPosts { get; init; }
    public required double AvgScore { get; init; }
    public required double AvgComments { get; init; }
    public required double AvgSentiment { get; init; }
    public required long TrendingPosts { get; init; }
}

public sealed record StatsTopPosts
{
    public StatsPost? MostScored { get; init; }
    public StatsPost? MostDiscussed { get; init; }
}

public sealed record StatsPost(string Id, string Title, string Subreddit, string? Author, int CurrentScore, int CurrentComments);

public sealed record AuthorStats(string Author, long Posts, long TotalScore);

public sealed record SubredditStats(string Subreddit, long Posts, double AvgScore, double AvgSentiment);
