using SignalFlow.Contracts;

namespace SignalFlow.Storage.Posts;

/// <summary>
/// That a post's content has been removed, and is not to come back. Of several removals the earliest counts, of the same instant the one
/// whose reason comes first: so the order in which they arrive does not matter.
/// </summary>
/// <param name="At">Microseconds since the Unix epoch: when Reddit's answer without the post arrived.</param>
/// <param name="Reason">Reddit's <c>removed_by_category</c>, or a value of <see cref="PostRemoval"/>.</param>
public readonly record struct Purge(long At, string Reason)
{
    /// <summary>The one that counts of two.</summary>
    public static Purge Earliest(Purge? one, Purge other) =>
        one is { } known && (known.At < other.At || known.At == other.At && string.CompareOrdinal(known.Reason, other.Reason) <= 0)
            ? known
            : other;
}
