using System.Globalization;
using System.Text;
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
    private const int ManyCount = 1_000;

    private static readonly Scenario[] All =
    [
        new("seed", "seed", 60_000),
        new("early", "early", 60_000),
        new("thousand", "seed", 500_000) { Table = ManySubreddits() },
        new("faulty", "seed", 60_000, Faulty: true),
        new("original", "seed", 60_000, Original: OriginalModel.AsDescribed),
        new("original-as-run", "seed", 60_000, Original: OriginalModel.AsRun),
    ];

    public static IEnumerable<string> Names => All.Select(scenario => scenario.Name);

    /// <summary>Other subreddits than the default ones: the content of a file for <c>Simulator:SubredditsPath</c>.</summary>
    public string? Table { get; init; }

    public static Scenario Named(string name) => All.Single(scenario => scenario.Name == name);

    /// <summary>What the simulator makes of <see cref="Table"/> and <see cref="PostsPerDay"/>.</summary>
    public SubredditTable ReadTable()
    {
        if (Table is null)
            return SubredditTable.Shipped.WithPostsPerDay(PostsPerDay);
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Table);
            return SubredditTable.Read(path).WithPostsPerDay(PostsPerDay);
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>A thousand by Zipf's law with exponent 1: the k-th has 1/k of the first one's posts. A hundred are fast, 300 medium.</summary>
    private static string ManySubreddits()
    {
        var topics = SubredditTable.Shipped.Entries.Select(entry => entry.Topic).Distinct().ToArray();
        var table = new StringBuilder("name\ttopic\ttier\tposts_per_hour\n");
        for (var rank = 1; rank <= ManyCount; rank++)
        {
            var tier = rank switch { <= 100 => "fast", <= 400 => "medium", _ => "slow" };
            var topic = topics[rank % topics.Length];
            table.Append(CultureInfo.InvariantCulture, $"{topic}_sub_{rank}\t{topic}\t{tier}\t{2_800.0 / rank:R}\n");
        }

        return table.ToString();
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
