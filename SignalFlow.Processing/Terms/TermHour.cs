namespace SignalFlow.Processing.Terms;

/// <summary>
/// What is kept of an hour: the sums of its four buckets, of the terms that two or more authors used (summed over the buckets), and at most of the 4,000
/// that had the most. The rest would be nine tenths of the rows and is covered by <see cref="TermBaseline"/>'s least share. One row of a table
/// each: (hour, term, authors, posts, subreddits), and one per hour for the volume.
/// </summary>
/// <param name="Volume">Posts counted.</param>
internal sealed record TermHour(DateTimeOffset Hour, int Volume, IReadOnlyList<TermHourCount> Terms)
{
    public const int LeastAuthors = 2;
    public const int MaxTerms = 4_000;

    /// <param name="buckets">Of the hour, each once, in any order; one that is missing had no post.</param>
    public static TermHour Of(DateTimeOffset hour, IEnumerable<TermCounts> buckets)
    {
        var volume = 0;
        var sums = new Dictionary<string, TermHourCount>(StringComparer.Ordinal);
        foreach (var bucket in buckets)
        {
            volume += bucket.Volume;
            foreach (var term in bucket.Terms)
            {
                sums[term.Term] = sums.TryGetValue(term.Term, out var sum)
                    ? new(term.Term, sum.Authors + term.Authors, sum.Posts + term.Posts, Math.Max(sum.Subreddits, term.Subreddits))
                    : new(term.Term, term.Authors, term.Posts, term.Subreddits);
            }
        }

        var kept = sums.Values.Where(term => term.Authors >= LeastAuthors).ToList();
        kept.Sort((a, b) => a.Authors != b.Authors ? b.Authors.CompareTo(a.Authors) : string.CompareOrdinal(a.Term, b.Term));
        return new TermHour(hour, volume, kept[..Math.Min(kept.Count, MaxTerms)]);
    }
}

/// <param name="Authors">The distinct authors of each bucket, summed.</param>
/// <param name="Subreddits">Of the bucket that had the most.</param>
internal readonly record struct TermHourCount(string Term, int Authors, int Posts, int Subreddits);
