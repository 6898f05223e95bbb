using System.Collections.Frozen;
using System.Globalization;

namespace SignalFlow.RedditSimulator.World;

/// <summary>A line of <c>Subreddits.tsv</c>.</summary>
internal sealed record SubredditEntry(string Name, string Topic, string Tier, double PostsPerHour);

/// <summary>The subreddits the synthetic world ships with, and what it makes of any other name.</summary>
internal static class SubredditTable
{
    public static IReadOnlyList<SubredditEntry> Entries { get; } = Load();

    private static readonly FrozenDictionary<string, SubredditEntry> ByName =
        Entries.ToFrozenDictionary(entry => entry.Name, StringComparer.OrdinalIgnoreCase);

    private static readonly string[] Topics = [.. Entries.Select(entry => entry.Topic).Distinct()];

    /// <summary>An unlisted subreddit gets a topic and a rate by its name: half below two posts an hour, few above a hundred.</summary>
    public static SubredditEntry For(string name)
    {
        if (ByName.TryGetValue(name, out var entry))
            return entry;

        var random = new SplitMix64(SplitMix64.Mix(0, name.ToLowerInvariant()));
        var topic = Topics[random.NextInt(Topics.Length)];
        return new SubredditEntry(name, topic, "", Math.Clamp(2 * Math.Exp(1.5 * random.NextNormal()), 0.1, 200));
    }

    private static List<SubredditEntry> Load()
    {
        using var stream = typeof(SubredditTable).Assembly.GetManifestResourceStream("Subreddits.tsv")!;
        using var reader = new StreamReader(stream);
        var entries = new List<SubredditEntry>();
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var columns = line.Split('\t');
            entries.Add(new SubredditEntry(columns[0], columns[1], columns[2], double.Parse(columns[3], CultureInfo.InvariantCulture)));
        }

        return entries;
    }
}
