using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>A post with all that was seen of it.</summary>
/// <param name="CreatedAt">Microseconds since the Unix epoch.</param>
/// <param name="Observations">In the order of their time.</param>
/// <param name="Sentiment">Of its title, -1 to 1; what the original's rule wants to know.</param>
internal sealed record SeriesPost(string Id, string Subreddit, long CreatedAt, SurgeObservation[] Observations, double Sentiment)
{
    /// <summary>
    /// The observation whose score counts as final: the first one from 20 hours of age on, else the last one there is.
    /// </summary>
    public int FinalIndex { get; } = IndexOfFinal(CreatedAt, Observations);

    public int Final => Observations[FinalIndex].Score;

    public int Peak { get; } = Observations.Max(observation => observation.Score);

    /// <summary>Time of the first observation with half of the peak or more.</summary>
    public long HalfAt => Observations.First(observation => observation.Score * 2L >= Peak).At;

    public double AgeAt(int index) => SurgeWindow.Minutes(Observations[index].At - CreatedAt);

    private static int IndexOfFinal(long createdAt, SurgeObservation[] observations)
    {
        var old = Array.FindIndex(observations, observation => observation.At - createdAt >= 1200 * SurgeWindow.Minute);
        return old >= 0 ? old : observations.Length - 1;
    }
}

/// <summary>Posts of one recording, in the order of their creation.</summary>
internal sealed class PostSeries
{
    private const long LeftRecording = 120 * SurgeWindow.Minute;

    public PostSeries(string name, IEnumerable<SeriesPost> posts, long? cutPeriod = null, bool isChoosing = false)
    {
        Name = name;
        IsChoosing = isChoosing;
        Posts = [.. posts.OrderBy(post => post.CreatedAt).ThenBy(post => post.Id, StringComparer.Ordinal)];
        End = Posts.Max(post => post.Observations[^1].At);
        var span = End - Posts[0].CreatedAt;
        const int MostCuts = 150;
        CutPeriod = cutPeriod ?? Math.Max(1, span / MostCuts / BaselineCut.Period) * BaselineCut.Period;
        HeldOutFrom = Posts[Posts.Length / 2].CreatedAt;
    }

    public string Name { get; }

    public SeriesPost[] Posts { get; }

    /// <summary>Time of the last observation.</summary>
    public long End { get; }

    /// <summary>Distance of the baselines' cuts, microseconds: at least the product's, and at most about 150 cuts.</summary>
    public long CutPeriod { get; }

    /// <summary>Posts created from here on are reported on; the ones before are what weights and thresholds were chosen on.</summary>
    public long HeldOutFrom { get; }

    /// <summary>The posts that are reported on.</summary>
    public IEnumerable<SeriesPost> HeldOut => Posts.Where(post => post.CreatedAt >= HeldOutFrom != IsChoosing);

    /// <summary>Report on the earlier half instead: for choosing weights and thresholds.</summary>
    public bool IsChoosing { get; }

    /// <summary>What became of it is known: it was seen at a day of age, or was no longer followed long before the recording ended.</summary>
    public bool IsComplete(SeriesPost post) =>
        post.Observations[post.FinalIndex].At - post.CreatedAt >= 1200 * SurgeWindow.Minute || End - post.Observations[^1].At >= LeftRecording;
}
