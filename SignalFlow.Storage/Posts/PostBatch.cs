using SignalFlow.Contracts;

namespace SignalFlow.Storage.Posts;

/// <summary>What one processed batch changes: at most one <see cref="PostChange"/> per post, any number of observations.</summary>
public sealed record PostBatch(List<PostChange> Posts, List<HistoryEntry> History)
{
    /// <summary>Posts of the batch that are stored as they are; only whether they are purged is asked.</summary>
    public IReadOnlyList<string> Unchanged { get; init; } = [];

    /// <summary>The signals of posts; of each at most one.</summary>
    public List<SurgeChange> Surges { get; init; } = [];

    /// <summary>Posts with an observation that is older than one in their signal, which has to be found anew.</summary>
    public IReadOnlyList<string> LateSurges { get; init; } = [];
}

/// <summary>The new row of a post.</summary>
public sealed record PostChange
{
    /// <summary>The newest observation of the batch; its texts count if no newer one is stored.</summary>
    public required PostObservation Newest { get; init; }

    public required PostState State { get; init; }
    public required double TrendingScore { get; init; }
    public required bool IsTrending { get; init; }

    /// <summary>Found in the text of <see cref="Newest"/>, which must be the newest observation of all. Null: those that are stored stay.</summary>
    public required NlpFeatures? Nlp { get; init; }

    /// <summary>Reddit has deleted the post: whatever <see cref="Newest"/> holds, no content of it is stored.</summary>
    public Purge? Purge { get; init; }
}

/// <summary>What the text analysis says of a post.</summary>
public sealed record NlpFeatures(double SentimentScore, string SentimentLabel, string[] Keywords)
{
    /// <summary>The <see cref="TextPrint"/> of features that another system has found: as of a text that no post has.</summary>
    public const long NoPrint = 0;

    /// <summary>The shares of negative, neutral and positive words, 0 to 1.</summary>
    public double Negative { get; init; }

    public double Neutral { get; init; }

    public double Positive { get; init; }

    /// <summary>False: the title is not English, so the lexicon says little of it.</summary>
    public bool IsSentimentReliable { get; init; } = true;

    /// <summary>Posts that link to the same page, or whose titles say the same, share it; null in features that another system has found.</summary>
    public int? TopicCluster { get; init; }

    /// <summary>Stands for the text and the way it was analysed; while it is the same, so are the features.</summary>
    public long TextPrint { get; init; }
}

/// <summary>One observation for <c>post_metrics_history</c>.</summary>
public readonly record struct HistoryEntry(string PostId, string Subreddit, Sample Sample, double? UpvoteRatio);

/// <summary>What became of a batch.</summary>
/// <param name="Stale">
/// The ids of posts that were not written because the stored row knows an observation that the given state does not: the state came
/// from a stale cache; or whose features were said to be stored and are not. Their history is stored; load what is stored of them with
/// <see cref="PostWriter.LoadAsync"/>, add the observations and write these posts again.
/// </param>
/// <param name="Purged">The written and unchanged posts that are purged, by this batch or before.</param>
/// <param name="NewlyPurged">The reasons of those that this batch has purged.</param>
public sealed record PostBatchResult(
    IReadOnlyList<string> Stale, IReadOnlyDictionary<string, Purge> Purged, IReadOnlyList<string> NewlyPurged)
{
    /// <summary>Observations that were not stored before.</summary>
    public int HistoryAdded { get; init; }
}
