using SignalFlow.Contracts;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Processing.Surge;

/// <summary>A post's signal after a batch.</summary>
/// <param name="Known">What the next observation continues; null: it has to be found anew from the post's history.</param>
/// <param name="Change">The row to write; null: it is stored already.</param>
/// <param name="View">What viewers are told; null: nothing is known.</param>
/// <param name="IsLate">An observation is older than one in the signal, or the signal is not known although the post is: it has to be found anew.</param>
internal sealed record SurgeUpdate(KnownSurge? Known, SurgeChange? Change, SurgeView? View, bool IsLate);
