using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SignalFlow.RedditSimulator.Corpus;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator;

/// <summary>The world the configuration asks for, with its clock and what is kept of it.</summary>
internal sealed partial class WorldFactory
{
    public WorldFactory(SimulatorOptions options, TimeProvider time, ILogger<WorldFactory> logger)
    {
        var corpus = options.CorpusPath is { } path ? CorpusFile.Read(path) : null;
        if (corpus is { SkippedLines: > 0 })
            LogSkippedLines(logger, corpus.SkippedLines, options.CorpusPath!, string.Join(", ", corpus.FirstSkippedLines));

        if (corpus is { RepeatedIds: > 0 })
            LogRepeatedIds(logger, corpus.RepeatedIds, options.CorpusPath!);

        Table = TableOf(options);
        var state = options.StatePath is { } folder ? ClockFile.Open(folder, IdentityOf(options, Table), options.BackfillHours) : null;
        World = corpus is null
            ? new SyntheticWorld(options.Seed, options.BackfillHours, state, Table)
            : new CorpusWorld(corpus, options.Rate, options.Seed);
        Reddit = new SimulatedReddit(World, corpus);
        Clock = OpenClock(options, time, state);
    }

    /// <summary>What a made-up world is made of.</summary>
    public SubredditTable Table { get; }

    public SimulatedWorld World { get; }

    public WorldClock Clock { get; }

    public SimulatedReddit Reddit { get; }

    private static WorldClock OpenClock(SimulatorOptions options, TimeProvider time, ClockFile? state)
    {
        try
        {
            return new WorldClock(time, options.Speed, state, whenLookedAt: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Simulator:StatePath: '{options.StatePath}' cannot be written: {e.Message}", e);
        }
    }

    private static SubredditTable TableOf(SimulatorOptions options)
    {
        var table = options.SubredditsPath is { } path ? SubredditTable.Read(path) : SubredditTable.Shipped;
        return options.PostsPerDay is { } postsPerDay ? table.WithPostsPerDay(postsPerDay) : table;
    }

    /// <summary>Worlds whose posts differ have different identities, so that none continues on another's clock.</summary>
    private static string IdentityOf(SimulatorOptions options, SubredditTable table)
    {
        if (options.CorpusPath is not { } path)
        {
            var suffix = table == SubredditTable.Shipped ? "" : "-" + table.Fingerprint;
            return string.Create(CultureInfo.InvariantCulture, $"synthetic-{options.Seed}{suffix}");
        }

        var file = new FileInfo(path);
        var content = string.Create(CultureInfo.InvariantCulture, $"{file.FullName}|{file.Length}|{options.Rate:R}|{options.Seed}");
        return "corpus-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 8));
    }

    [LoggerMessage(LogLevel.Warning, "{Count} lines of the corpus {Path} are not posts and are left out; the first: {Lines}")]
    private static partial void LogSkippedLines(ILogger logger, int count, string path, string lines);

    [LoggerMessage(LogLevel.Warning, "{Count} posts of the corpus {Path} repeat an id; the first of each counts")]
    private static partial void LogRepeatedIds(ILogger logger, int count, string path);
}
