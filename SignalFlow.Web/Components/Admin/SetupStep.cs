using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Web.Components.Admin;

public enum SetupState
{
    Done,

    /// <summary>It waits for one before it, or for time.</summary>
    Waiting,
    ToDo,

    /// <summary>It was done and does not work.</summary>
    Problem,
}

/// <summary>What the API says of a SignalFlow on its way to the first post.</summary>
/// <param name="Newest">The newest post; null: there is none.</param>
public sealed record SetupFacts(
    AccessState Access, IReadOnlyList<IngestionShardView> Shards, IReadOnlyList<SubredditStatusView> Subreddits, PostView? Newest, DateTimeOffset At);

/// <summary>One step of the guide, and how it stands.</summary>
public sealed record SetupStep(string Name, string Title, SetupState State, string Words)
{
    public const string Administrator = "administrator";
    public const string Ingestion = "ingestion";
    public const string Subreddits = "subreddits";
    public const string Posts = "posts";

    // As ingestion's heartbeat is judged on the operations page.
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    // As the live feed calls posts old.
    private static readonly TimeSpan Old = TimeSpan.FromMinutes(5);

    public bool IsDone => State == SetupState.Done;

    public static SetupStep OfAdministrator(AccessState access) => access.HasAdministrator
        ? new(Administrator, "An administrator", SetupState.Done, "There is one.")
        : new(Administrator, "An administrator", SetupState.ToDo, "There is none yet.");

    public static IReadOnlyList<SetupStep> Of(SetupFacts facts) =>
        [OfAdministrator(facts.Access), OfIngestion(facts), OfSubreddits(facts), OfPosts(facts)];

    private static SetupStep OfIngestion(SetupFacts facts)
    {
        const string Title = "Ingestion runs";
        if (facts.Shards.Count == 0)
            return new(Ingestion, Title, SetupState.ToDo, "No ingestion service has reported yet.");
        var working = facts.Shards.Count(shard => shard.HeartbeatAgeSeconds <= Silence.TotalSeconds);
        if (working == 0)
        {
            var age = Ages.Relative(TimeSpan.FromSeconds(facts.Shards.Min(shard => shard.HeartbeatAgeSeconds)));
            return new(Ingestion, Title, SetupState.Problem, $"It has been silent for {age}.");
        }

        return facts.Subreddits.Any(subreddit => subreddit is { IsActive: true, Status: "unauthorized" })
            ? new(Ingestion, Title, SetupState.Problem, "It runs, but Reddit refuses its credentials.")
            : new(Ingestion, Title, SetupState.Done, Working(working, facts.Shards.Count));
    }

    private static SetupStep OfSubreddits(SetupFacts facts)
    {
        const string Title = "Subreddits to watch";
        var active = facts.Subreddits.Count(subreddit => subreddit.IsActive);
        return active == 0
            ? new(Subreddits, Title, SetupState.ToDo, "None is configured.")
            : new(Subreddits, Title, SetupState.Done, active == 1 ? "One is watched." : $"{Figures.Exact(active)} are watched.");
    }

    private static SetupStep OfPosts(SetupFacts facts)
    {
        const string Title = "Posts arrive";
        if (facts.Newest is not { } newest)
            return new(Posts, Title, SetupState.Waiting, "None is here yet. The first ones come within a minute of the steps above.");
        var age = facts.At - newest.LastPolledAt;
        return age > Old
            ? new(Posts, Title, SetupState.Problem, $"The newest was last looked at {Ages.Relative(age)} ago.")
            : new(Posts, Title, SetupState.Done, $"The newest was looked at {Ages.Relative(age)} ago.");
    }

    // Shards of an earlier division stay in the list.
    private static string Working(int working, int all) => (working, all) switch
    {
        (1, 1) => "One shard works.",
        _ when working == all => $"{Figures.Exact(working)} shards work.",
        _ => $"{Figures.Exact(working)} of {Figures.Exact(all)} known shards work.",
    };
}
