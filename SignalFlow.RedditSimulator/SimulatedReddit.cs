using SignalFlow.RedditSimulator.Corpus;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator;

/// <summary>What the simulator serves, for the process that hosts it.</summary>
public sealed class SimulatedReddit
{
    internal SimulatedReddit(SimulatedWorld world, CorpusFile? corpus)
    {
        Subreddits = world.Subreddits;
        CorpusPosts = corpus?.Posts.Count ?? 0;
        SkippedLines = corpus?.SkippedLines ?? 0;
    }

    /// <summary>The corpus's subreddits, or those of the table.</summary>
    public IReadOnlyList<string> Subreddits { get; }

    /// <summary>Posts of the corpus; 0 without one.</summary>
    public int CorpusPosts { get; }

    /// <summary>Lines of the corpus that are not posts.</summary>
    public int SkippedLines { get; }
}
