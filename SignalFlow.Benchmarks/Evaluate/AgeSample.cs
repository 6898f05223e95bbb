namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>
/// Posts of a series at one age: for each the observation nearest to it, at most a third of the age away, and whether it was to be found.
/// </summary>
internal sealed record AgeSample(double Minutes, IReadOnlyList<(SeriesPost Post, int Index, bool IsPositive)> Posts)
{
    public int Positives => Posts.Count(post => post.IsPositive);

    public static AgeSample Of(IEnumerable<SeriesPost> posts, double minutes, Func<SeriesPost, bool?> label)
    {
        var found = new List<(SeriesPost, int, bool)>();
        foreach (var post in posts)
        {
            if (label(post) is { } isPositive && Nearest(post, minutes) is >= 0 and var index)
                found.Add((post, index, isPositive));
        }

        return new(minutes, found);
    }

    public static int Nearest(SeriesPost post, double minutes)
    {
        var nearest = -1;
        for (var i = 0; i < post.Observations.Length; i++)
        {
            var distance = Math.Abs(post.AgeAt(i) - minutes);
            if (distance <= minutes / 3 && (nearest < 0 || distance < Math.Abs(post.AgeAt(nearest) - minutes)))
                nearest = i;
        }

        return nearest;
    }

    /// <summary>The value of a signal at each post's observation.</summary>
    public double[] Values(Func<SeriesPost, double[]> signal) => [.. Posts.Select(post => signal(post.Post)[post.Index])];
}
