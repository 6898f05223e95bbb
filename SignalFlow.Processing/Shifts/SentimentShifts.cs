using SignalFlow.Processing.Statistics;

namespace SignalFlow.Processing.Shifts;

/// <summary>
/// Finds where sentiment has shifted: the mean of a bucket against that of seven days by Welch's t ("The generalization of 'Student's' problem when
/// several different population variances are involved", 1947). A shift begins with 20 posts or more, |t| above 3, a difference of a tenth or more and
/// significance among all keys of the bucket (false discovery rate 5 %); it lasts while |t| stays above 2 in the same direction. Titles that are not
/// English must be left out by the caller: their sentiment is not reliable.
/// </summary>
internal static class SentimentShifts
{
    public const int LeastPosts = 20;
    public const double Begins = 3;
    public const double Ends = 2;
    public const double LeastDifference = 0.1;
    public const double FalseDiscoveryRate = 0.05;
    public const int MostMovers = 5;

    /// <param name="buckets">
    /// By subreddit or topic: the bucket's posts, the summary of the seven days before it, and the shift that was found in the bucket before it.
    /// </param>
    /// <returns>One for each, in the order of the keys.</returns>
    public static List<SentimentShift> Find(IEnumerable<SentimentBucket> buckets)
    {
        var tested = buckets.OrderBy(bucket => bucket.Key, StringComparer.Ordinal).Select(bucket => (Bucket: bucket, Shift: Test(bucket))).ToList();
        var pValues = tested.Where(item => item.Shift.PValue < 1).Select(item => item.Shift.PValue).ToArray();
        var threshold = FalseDiscovery.Threshold(pValues, pValues.Length, FalseDiscoveryRate);
        return tested.ConvertAll(item => IsShifted(item.Bucket, item.Shift, threshold)
            ? item.Shift with { IsShifted = true, Movers = Movers(item.Bucket, item.Shift) }
            : item.Shift);
    }

    private static SentimentShift Test(SentimentBucket bucket)
    {
        // In a fixed order, so that the sums have the same digits wherever the posts come from.
        var now = SentimentSummary.Of(bucket.Posts.OrderBy(post => post.PostId, StringComparer.Ordinal).Select(post => post.Sentiment));
        var usual = bucket.Usual;
        var shift = new SentimentShift(bucket.Key, (int)now.Count, now.Mean, usual.Mean, 0, 1, false, []);
        if (now.Count < LeastPosts || usual.Count < LeastPosts)
            return shift;

        var (a, b) = (now.Variance / now.Count, usual.Variance / usual.Count);
        if (a + b <= 0)
            return shift;
        var t = (now.Mean - usual.Mean) / Math.Sqrt(a + b);
        // Welch and Satterthwaite.
        var degrees = (a + b) * (a + b) / ((a * a / (now.Count - 1)) + (b * b / (usual.Count - 1)));
        return shift with { Statistic = t, PValue = StudentT.TwoSided(t, degrees) };
    }

    private static bool IsShifted(SentimentBucket bucket, SentimentShift shift, double threshold)
    {
        var before = bucket.Before is { IsShifted: true } last && Math.Sign(last.Statistic) == Math.Sign(shift.Statistic);
        if (before && Math.Abs(shift.Statistic) > Ends)
            return true;
        return Math.Abs(shift.Statistic) > Begins && shift.PValue <= threshold && Math.Abs(shift.Mean - shift.Usual) >= LeastDifference;
    }

    private static List<SentimentMover> Movers(SentimentBucket bucket, SentimentShift shift)
    {
        var direction = Math.Sign(shift.Mean - shift.Usual);
        return [.. bucket.Posts
            .Select(post => new SentimentMover(post.PostId, post.Sentiment, (post.Sentiment - shift.Usual) / shift.Count))
            .Where(mover => mover.Contribution * direction > 0)
            .OrderByDescending(mover => mover.Contribution * direction)
            .ThenBy(mover => mover.PostId, StringComparer.Ordinal)
            .Take(MostMovers)];
    }
}

/// <param name="Posts">Each once, English or of unknown language.</param>
/// <param name="Usual">Of the seven days before the bucket.</param>
/// <param name="Before">What was found in the bucket before; null where nothing is known of it.</param>
internal sealed record SentimentBucket(string Key, IReadOnlyCollection<PostSentiment> Posts, SentimentSummary Usual, SentimentShift? Before = null);
