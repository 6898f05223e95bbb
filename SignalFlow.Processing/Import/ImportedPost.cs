using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Import;

/// <summary>A post of the original that can be stored.</summary>
internal sealed record ImportedPost
{
    /// <summary>As its newest observation has it.</summary>
    public required PostObservation Newest { get; init; }

    /// <summary>All, in order, without repeats.</summary>
    public required List<OriginalObservation> Observations { get; init; }

    /// <summary>Microseconds since the Unix epoch.</summary>
    public required long FirstSeen { get; init; }

    /// <summary>Sentiment and keywords as the original found them, completed from the title.</summary>
    public required NlpFeatures Features { get; init; }

    /// <summary>The original has a row of features whose sentiment or keywords can be used.</summary>
    public required bool HasFeatures { get; init; }

    /// <summary>The title had to give sentiment or keywords.</summary>
    public required bool IsAnalysed { get; init; }

    public string Id => Newest.Id;

    /// <summary>What is known of the post with these observations.</summary>
    public PostState Join(PostState? known)
    {
        foreach (var observation in Observations)
            known = known?.Add(observation.Sample) ?? PostState.First(observation.Sample);
        var state = known!.Value;
        return state with { FirstSeen = Math.Min(state.FirstSeen, FirstSeen) };
    }
}
