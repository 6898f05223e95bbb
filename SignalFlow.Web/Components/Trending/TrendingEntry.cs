using System.Globalization;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Web.Components.Trending;

/// <summary>How a post moves, from the end of its trail.</summary>
public enum Movement
{
    /// <summary>Too few observations to tell.</summary>
    New,
    Rising,
    Steady,

    /// <summary>It gained more before than it does now.</summary>
    Slowing,
    Falling,
}

/// <param name="Rank">From 1.</param>
/// <param name="Post">Its newest state.</param>
/// <param name="Trail">Oldest first.</param>
/// <param name="Parts">What the rule adds; null for a post that does not trend.</param>
/// <param name="Thresholds">Of the rule.</param>
/// <param name="UsualScore">Average of its subreddit over the last day; null where it is not known.</param>
/// <param name="IsBySurge">It stands here because of its surge.</param>
public sealed record TrendingEntry(
    int Rank, PostView Post, IReadOnlyList<TrailPoint> Trail, TrendingParts? Parts, TrendingValues Thresholds, double? UsualScore, bool IsBySurge = false)
{
    // Half of what it was, or less, is no longer the same pace.
    private const double Slowdown = 0.5;

    /// <summary>Score over the subreddit's average; null where that says nothing.</summary>
    public double? Factor => UsualScore is > 0.5 ? Post.CurrentScore / UsualScore : null;

    public Movement Movement
    {
        get
        {
            if (Trail.Count < 3)
                return Movement.New;
            var middle = Trail[Trail.Count / 2];
            var before = Rate(Trail[0], middle);
            var now = Rate(middle, Trail[^1]);
            return now switch
            {
                < 0 => Movement.Falling,
                0 => Movement.Steady,
                _ when now < before * Slowdown => Movement.Slowing,
                _ => Movement.Rising,
            };
        }
    }

    /// <summary>Why it stands here, in words and numbers.</summary>
    public string Reason
    {
        get
        {
            if (IsBySurge && Post is { Surge: { } surge, SurgeReason: { } reason })
                return reason + Expected(surge);
            var reasons = new List<string> { $"{Figures.Signed(Post.ScoreVelocity * 60)} points a minute{Added(Parts?.Velocity)}" };
            if (Post.Nlp is { } nlp && (Parts?.Sentiment > 0 || Math.Abs(nlp.SentimentScore) > Thresholds.SentimentMin))
                reasons.Add($"strongly {(nlp.SentimentScore > 0 ? "positive" : "negative")} title ({Figures.Signed(nlp.SentimentScore, 2)}){Added(Parts?.Sentiment)}");
            reasons.Add($"{Figures.Exact(Post.CurrentComments)} {(Post.CurrentComments == 1 ? "comment" : "comments")}{Added(Parts?.Comments)}");
            if (Factor is { } factor)
                reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{factor:0.0}× the average score in r/{Post.Subreddit}"));
            return string.Join(", ", reasons);
        }
    }

    private static string Expected(SurgeView surge) => surge.Forecast is { } forecast
        ? $"; {Figures.Compact((long)forecast.Median)} points expected after a day ({Figures.Compact((long)forecast.Low)} to {Figures.Compact((long)forecast.High)})"
        : "";

    private static string Added(double? part) => part is > 0 ? string.Create(CultureInfo.InvariantCulture, $" (adds {part:0.0})") : "";

    private static double Rate(TrailPoint from, TrailPoint to)
    {
        var minutes = (to.ObservedAt - from.ObservedAt).TotalMinutes;
        return minutes > 0 ? (to.Score - from.Score) / minutes : 0;
    }
}
