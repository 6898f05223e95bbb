using System.Runtime.InteropServices;
using SignalFlow.Processing.Decoding;

namespace SignalFlow.Processing.Batches;

/// <summary>The observations that a batch holds of one post; nearly always one.</summary>
internal sealed class PostObservations(DecodedObservation first)
{
    private readonly DecodedObservation _first = first;
    private List<DecodedObservation>? _all;

    public ReadOnlySpan<DecodedObservation> All =>
        _all is null ? new ReadOnlySpan<DecodedObservation>(in _first) : CollectionsMarshal.AsSpan(_all);

    /// <summary>One of them is a later observation, so something is stored of the post.</summary>
    public bool IsKnown { get; set; }

    /// <summary>What they amount to.</summary>
    public PostUpdate? Update { get; set; }

    public void Add(DecodedObservation observation) => (_all ??= [_first]).Add(observation);
}
