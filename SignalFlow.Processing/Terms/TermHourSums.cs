using System.Runtime.InteropServices;

namespace SignalFlow.Processing.Terms;

/// <summary>
/// The hour that is under way: sums over its buckets, so that a term is held once however many of them have it, and an hour takes no more memory in its
/// last quarter than in its first where the terms are the same. The buckets may come in any order, each once; one that is missing had no post.
/// </summary>
internal sealed class TermHourSums
{
    private readonly Dictionary<string, TermHourCount> _terms = new(StringComparer.Ordinal);
    private int _volume;

    /// <summary>Null: no bucket yet.</summary>
    public DateTimeOffset? Hour { get; private set; }

    public void Add(TermCounts bucket)
    {
        var hour = TermClock.HourOf(bucket.Bucket);
        if (Hour is { } other && other != hour)
            throw new ArgumentException($"The bucket {bucket.Bucket:u} is not of the hour {other:u}.", nameof(bucket));

        Hour = hour;
        _volume += bucket.Volume;
        foreach (var term in bucket.Terms)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_terms, term.Term, out var exists);
            sum = exists
                ? new(sum.Term, sum.Authors + term.Authors, sum.Posts + term.Posts, Math.Max(sum.Subreddits, term.Subreddits))
                : new(term.Term, term.Authors, term.Posts, term.Subreddits);
        }
    }

    /// <summary>What is kept of the hour; another may begin then.</summary>
    public TermHour End()
    {
        if (Hour is not { } hour)
            throw new InvalidOperationException("No bucket was added.");

        var kept = _terms.Values.Where(term => term.Authors >= TermHour.LeastAuthors).ToList();
        kept.Sort((a, b) => a.Authors != b.Authors ? b.Authors.CompareTo(a.Authors) : string.CompareOrdinal(a.Term, b.Term));
        var ended = new TermHour(hour, _volume, kept[..Math.Min(kept.Count, TermHour.MaxTerms)]);
        _terms.Clear();
        (Hour, _volume) = (null, 0);
        return ended;
    }
}
