using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>Tables of all cuts of a series; each of what was known before its cut.</summary>
internal static class SeriesBaselines
{
    /// <param name="series">The posts.</param>
    /// <param name="perCommunity">False: all communities count as one; what the signal is without normalisation.</param>
    public static BaselineHistory Build(PostSeries series, bool perCommunity = true)
    {
        var tables = new Dictionary<long, BaselineTable>();
        var first = series.Posts[0].CreatedAt / series.CutPeriod * series.CutPeriod;
        for (var cut = first + series.CutPeriod; cut <= series.End; cut += series.CutPeriod)
            tables.Add(cut, At(series, cut, perCommunity));
        return new(tables, series.CutPeriod);
    }

    private static BaselineTable At(PostSeries series, long cut, bool perCommunity)
    {
        var builder = new BaselineBuilder();
        foreach (var post in series.Posts)
        {
            if (post.CreatedAt >= cut)
                break;
            var known = post.Observations.AsSpan();
            while (known.Length > 0 && known[^1].At >= cut)
                known = known[..^1];
            int? final = known.Length > post.FinalIndex && series.IsComplete(post) ? post.Final : null;
            builder.Add(perCommunity ? post.Subreddit : "all", post.CreatedAt, known, final);
        }

        return builder.Build();
    }
}
