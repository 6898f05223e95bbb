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
}

/// <param name="Authors">The distinct authors of each bucket, summed.</param>
/// <param name="Subreddits">Of the bucket that had the most.</param>
internal readonly record struct TermHourCount(string Term, int Authors, int Posts, int Subreddits);
