using System.Globalization;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>A load for the planner, and what is wrong with Reddit meanwhile.</summary>
/// <param name="Name">As in the command line and the result.</param>
/// <param name="Preset">The schedule of refreshes.</param>
/// <param name="PostsPerDay">Of all subreddits together.</param>
/// <param name="Faulty">Failing, throttled and stale answers, and outages.</param>
/// <param name="Original">A model of the original system's scheduler instead of this repository's planner.</param>
internal sealed record Scenario(string Name, string Preset, double PostsPerDay, bool Faulty = false, OriginalModel? Original = null)
{
    private const int ManySubreddits = 1_000;

    private static readonly Scenario[] All =
    [
        new("seed", "seed", 60_000),
        new("early", "early", 60_000),
        new("thousand", "seed", 500_000) { Many = true },
        new("faulty", "seed", 60_000, Faulty: true),
        new("original", "seed", 60_000, Original: OriginalModel.AsDescribed),
        new("original-as-run", "seed", 60_000, Original: OriginalModel.AsRun),
    ];

    public static IEnumerable<string> Names => All.Select(scenario => scenario.Name);

    /// <summary>A thousand subreddits by a power law instead of the default ones.</summary>
    public bool Many { get; init; }

    public static Scenario Named(string name) => All.Single(scenario => scenario.Name == name);

    /// <summary>Sizes by Zipf's law with exponent 1: the k-th has 1/k of the first one's posts. The largest hundred are fast, the next 300 medium.</summary>
    public static void WriteManySubreddits(string path)
    {
        var topics = SubredditTable.Shipped.Entries.Select(entry => entry.Topic).Distinct().ToArray();
        using var file = new StreamWriter(path);
        file.Write("name\ttopic\ttier\tposts_per_hour\n");
        for (var rank = 1; rank <= ManySubreddits; rank++)
        {
            var tier = rank switch { <= 100 => "fast", <= 400 => "medium", _ => "slow" };
            // Scaled by Simulator:PostsPerDay; names of the usual length.
            file.Write(string.Create(
                CultureInfo.InvariantCulture, $"{topics[rank % topics.Length]}_sub_{rank}\t{topics[rank % topics.Length]}\t{tier}\t{2_800.0 / rank:R}\n"));
        }
    }
}

/// <summary>Which of the original's two schedules is modelled.</summary>
internal enum OriginalModel
{
    /// <summary>As its document says: refreshes at ages of 5, 35, 65 minutes and then every two hours, a request each.</summary>
    AsDescribed,

    /// <summary>As it runs: two requests a refresh, and every poll makes the newest 25 posts due at once.</summary>
    AsRun,
}
