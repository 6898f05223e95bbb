using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SignalFlow.RedditSimulator.World;

/// <summary>A line of a table of subreddits.</summary>
internal sealed record SubredditEntry(string Name, string Topic, string Tier, double PostsPerHour);

/// <summary>
/// The subreddits a synthetic world has without being asked, and what it makes of any other name. A table is a file of tab-separated
/// lines: name, topic, tier, posts_per_hour, below a line with these words.
/// </summary>
internal sealed class SubredditTable
{
    private const string Header = "name\ttopic\ttier\tposts_per_hour";

    /// <summary>Thirty posts a second: more than all of Reddit.</summary>
    private const double MostPostsPerHour = 100_000;

    private readonly FrozenDictionary<string, SubredditEntry> _byName;
    private readonly double _scale;

    private SubredditTable(IReadOnlyList<SubredditEntry> entries, double scale)
    {
        Entries = entries;
        _scale = scale;
        _byName = entries.ToFrozenDictionary(entry => entry.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The table that is part of the program.</summary>
    public static SubredditTable Shipped { get; } = new(Load(), 1);

    /// <summary>The topics that there are texts for.</summary>
    private static readonly string[] Topics = [.. Shipped.Entries.Select(entry => entry.Topic).Distinct()];

    public IReadOnlyList<SubredditEntry> Entries { get; }

    /// <summary>Tables that differ in anything that posts depend on have different fingerprints.</summary>
    public string Fingerprint
    {
        get
        {
            var content = new StringBuilder();
            content.Append(CultureInfo.InvariantCulture, $"{_scale:R}\n");
            foreach (var entry in Entries)
                content.Append(CultureInfo.InvariantCulture, $"{entry.Name}\t{entry.Topic}\t{entry.PostsPerHour:R}\n");

            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToString())).AsSpan(0, 8));
        }
    }

    /// <exception cref="InvalidOperationException">
    /// The file cannot be read or a line is wrong; the message names <c>Simulator:SubredditsPath</c>, the file and the line.
    /// </exception>
    public static SubredditTable Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidOperationException($"Simulator:SubredditsPath: the table '{path}' cannot be read: {e.Message}", e);
        }

        if (lines is not [Header, ..])
            throw Wrong(path, 1, "the table must begin with the line 'name topic tier posts_per_hour', separated by tabs");

        var entries = new List<SubredditEntry>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 1; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
                continue;

            var columns = lines[i].Split('\t');
            if (ErrorOf(columns, out var entry) is { } error)
                throw Wrong(path, i + 1, error);
            if (!names.Add(entry!.Name))
                throw Wrong(path, i + 1, $"'{entry.Name}' is there twice");

            entries.Add(entry);
        }

        return entries.Count > 0 ? new SubredditTable(entries, 1) : throw Wrong(path, lines.Length, "the table has no subreddits");
    }

    /// <summary>The same subreddits with all rates, also those of names beyond the table, changed by the factor that gives this sum a day.</summary>
    public SubredditTable WithPostsPerDay(double postsPerDay)
    {
        var factor = postsPerDay / (24 * Entries.Sum(entry => entry.PostsPerHour));
        return new SubredditTable([.. Entries.Select(entry => entry with { PostsPerHour = entry.PostsPerHour * factor })], _scale * factor);
    }

    /// <summary>An unlisted subreddit gets a topic and a rate by its name: half below two posts an hour, few above a hundred.</summary>
    public SubredditEntry For(string name)
    {
        if (_byName.TryGetValue(name, out var entry))
            return entry;

        var random = new SplitMix64(SplitMix64.Mix(0, name.ToLowerInvariant()));
        var topic = Topics[random.NextInt(Topics.Length)];
        return new SubredditEntry(name, topic, "", _scale * Math.Clamp(2 * Math.Exp(1.5 * random.NextNormal()), 0.1, 200));
    }

    private static InvalidOperationException Wrong(string path, int line, string error) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Simulator:SubredditsPath: '{path}', line {line}: {error}."));

    private static string? ErrorOf(string[] columns, out SubredditEntry? entry)
    {
        entry = null;
        if (columns.Length != 4)
            return $"4 columns separated by tabs are needed, not {columns.Length}";

        var (name, topic, tier) = (columns[0], columns[1], columns[2]);
        if (!Subreddit.Exists(name))
            return $"'{name}' is not the name of a subreddit";
        if (!Topics.Contains(topic))
            return $"topic '{topic}' is not one of {string.Join(", ", Topics)}";
        if (tier is not ("fast" or "medium" or "slow"))
            return $"tier '{tier}' is not one of fast, medium, slow";
        if (!double.TryParse(columns[3], NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) || rate is not (> 0 and <= MostPostsPerHour))
            return $"posts_per_hour must be above 0 and at most {MostPostsPerHour}, not '{columns[3]}'";

        entry = new SubredditEntry(name, topic, tier, rate);
        return null;
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
