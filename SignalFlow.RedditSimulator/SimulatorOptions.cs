using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator;

/// <summary>Configuration section <c>Simulator</c>.</summary>
public sealed class SimulatorOptions
{
    public const string Section = "Simulator";

    private const double MostPostsPerDay = 10_000_000;

    /// <summary>Another seed is another world.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>Simulated seconds per real second, 1 to 600. Timestamps stay real.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>
    /// A table of the subreddits that a made-up world has (tab-separated: name, topic, tier, posts_per_hour). Null: the shipped one.
    /// </summary>
    public string? SubredditsPath { get; set; }

    /// <summary>Scales a made-up world so that its table's subreddits have this many posts a simulated day. Null: as in the table.</summary>
    public double? PostsPerDay { get; set; }

    /// <summary>A corpus to replay: JSON lines, plain or gzipped. Null: posts are made up.</summary>
    public string? CorpusPath { get; set; }

    /// <summary>Posts of the corpus per simulated second.</summary>
    public double Rate { get; set; } = 1;

    /// <summary>Folder that keeps the world's clock over restarts. Null: each start is a new world.</summary>
    public string? StatePath { get; set; }

    /// <summary>A file that gets a line for each post of each answer, appended to. Null: none.</summary>
    public string? ServedPath { get; set; }

    /// <summary>The only client the token endpoint accepts, with <see cref="ClientSecret"/>. Null: any non-empty pair.</summary>
    public string? ClientId { get; set; }

    public string? ClientSecret { get; set; }

    /// <summary>
    /// Quota of a client per window of 600 simulated seconds (600 / <see cref="Speed"/> real ones). 0: the headers count, nothing is refused.
    /// </summary>
    public int RequestsPerWindow { get; set; } = 1000;

    /// <summary>Simulated hours of posts that exist when a synthetic world starts; 0 to 168. A kept world keeps what it began with.</summary>
    public double BackfillHours { get; set; } = 2;

    internal IEnumerable<string> Errors()
    {
        if (Speed is not (>= 1 and <= 600))
            yield return $"{Section}:Speed must be between 1 and 600, not {Speed}.";
        if (!(Rate > 0 && double.IsFinite(Rate)))
            yield return $"{Section}:Rate must be above 0, not {Rate}.";
        if (RequestsPerWindow < 0)
            yield return $"{Section}:RequestsPerWindow must be 0 or more, not {RequestsPerWindow}.";
        if (!(BackfillHours >= 0 && BackfillHours <= -DailyRhythm.Origin.TotalHours))
            yield return $"{Section}:BackfillHours must be between 0 and {-DailyRhythm.Origin.TotalHours}, not {BackfillHours}.";
        if (CorpusPath is { } corpus && string.IsNullOrWhiteSpace(corpus))
            yield return $"{Section}:CorpusPath is blank.";
        if (SubredditsPath is { } subreddits && string.IsNullOrWhiteSpace(subreddits))
            yield return $"{Section}:SubredditsPath is blank.";
        if (PostsPerDay is { } postsPerDay && postsPerDay is not (> 0 and <= MostPostsPerDay))
            yield return $"{Section}:PostsPerDay must be above 0 and at most {MostPostsPerDay}, not {PostsPerDay}.";
        if (StatePath is { } state && string.IsNullOrWhiteSpace(state))
            yield return $"{Section}:StatePath is blank.";
        if (ServedPath is { } served && string.IsNullOrWhiteSpace(served))
            yield return $"{Section}:ServedPath is blank.";
        if (string.IsNullOrEmpty(ClientId) != string.IsNullOrEmpty(ClientSecret))
            yield return $"{Section}:ClientId and {Section}:ClientSecret must be set together.";
    }
}
