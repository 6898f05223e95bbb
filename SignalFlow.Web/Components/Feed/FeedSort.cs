using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>The orders of the feed, all descending, ties by id. Their names stand in the address and are those of the API's lists.</summary>
public static class FeedSort
{
    public const string New = "new";
    public const string Score = "score";
    public const string Comments = "comments";
    public const string Velocity = "velocity";
    public const string Momentum = "momentum";

    public static readonly IReadOnlyList<(string Name, string Label)> All =
    [
        (New, "Newest"), (Score, "Score"), (Comments, "Comments"), (Velocity, "Velocity"), (Momentum, "Momentum"),
    ];

    public static bool IsKnown(string name) => All.Any(sort => sort.Name == name);

    /// <summary>What a post is placed by.</summary>
    internal static double Value(PostView post, string sort, DateTimeOffset now) => sort switch
    {
        Score => post.CurrentScore,
        Comments => post.CurrentComments,
        Velocity => post.ScoreVelocity,
        // As the API has it, at this moment: it falls while nothing happens.
        Momentum => (post.CurrentScore + 2.0 * post.CurrentComments) / (Math.Max(0, (now - post.CreatedUtc).TotalMinutes) + 1),
        _ => 0,
    };
}
