using GrowthClasses = SignalFlow.Processing.Surge.CommunityBaseline.GrowthClasses;
using Knot = SignalFlow.Processing.Surge.CommunityBaseline.Knot;

namespace SignalFlow.Processing.Surge;

/// <summary>What all communities have in common, and how a community's own rows are drawn to it. Used while a table is made.</summary>
internal sealed class PooledBaseline
{
    private const double OutlierDeviations = 3.3;

    private readonly CommunityBaseline _typical;
    private readonly Knot[] _knots;
    private readonly int[] _bins;
    private readonly CommunityRow _finals;

    public PooledBaseline(BaselineRows rows)
    {
        var growth = rows.Growth.Where(row => row.Subreddit is null).ToLookup(row => row.Bin);
        var bins = rows.Bins.Where(row => row.Subreddit is null).OrderBy(row => row.Bin).ToArray();
        _bins = Array.ConvertAll(bins, row => row.Bin);
        _knots = Array.ConvertAll(bins, row => new Knot(
            Math.Log(row.Age),
            0,
            new(row.Score.Median, row.Score.Mad, row.Comments.Median, row.Comments.Mad, row.Gain.Median),
            Classes(growth[row.Bin])));
        _finals = rows.Communities.FirstOrDefault(row => row.Subreddit is null);
        _typical = new(_knots, double.NaN, double.NaN, double.NaN, double.NaN);
    }

    public CommunityBaseline Shrink(IEnumerable<BaselineRow> rows, IEnumerable<GrowthRow> growth, CommunityRow finals)
    {
        if (_knots.Length == 0)
            return CommunityBaseline.Empty;
        var own = rows.ToDictionary(row => row.Bin);
        var grown = growth.ToLookup(row => row.Bin);
        var scale = ScaleOf(finals);
        var knots = new Knot[_knots.Length];
        for (var i = 0; i < knots.Length; i++)
        {
            var row = own.GetValueOrDefault(_bins[i]);
            var minutes = row.Score.Count > 0 ? row.Age : Math.Exp(_knots[i].LogAge);
            var common = Scaled(_typical.At(minutes), scale);
            knots[i] = new(Math.Log(minutes), row.Score.Count, Shrink(row, common), Shrink(grown[_bins[i]], _knots[i].Growth));
        }

        var (p50, p95) = (Quantile(finals, row => row.P50), Quantile(finals, row => row.P95));
        var deviation = 1.4826 * Shrink(finals.Count, finals.Mad, _finals.Mad);
        var outlier = Math.Max(p95, Math.Exp(Math.Log(1 + p50) + OutlierDeviations * deviation) - 1);
        return new(knots, p50, Quantile(finals, row => row.P90), p95, outlier);
    }

    /// <summary>ln(1 + typical final score) of a community as a multiple of that of all, both shrunk; 1 where no final score is known.</summary>
    private double ScaleOf(CommunityRow finals)
    {
        var all = Math.Log(1 + Math.Max(0, _finals.P50));
        return _finals.Count == 0 || all < 0.1 ? 1 : Math.Clamp(Math.Log(1 + Math.Max(0, Quantile(finals, row => row.P50))) / all, 0.1, 10);
    }

    private static Expectation Scaled(Expectation common, double scale)
    {
        var score = common.Score * scale;
        // Gains are in points: they scale as the points themselves do.
        var points = Math.Exp(common.Score) - 1;
        return common with { Score = score, Gain = points < 0.5 ? common.Gain : common.Gain * (Math.Exp(score) - 1) / points };
    }

    private static Expectation Shrink(BaselineRow row, Expectation common) => new(
        Shrink(row.Score.Count, row.Score.Median, common.Score),
        Shrink(row.Score.Count, row.Score.Mad, common.ScoreMad),
        Shrink(row.Comments.Count, row.Comments.Median, common.Comments),
        Shrink(row.Comments.Count, row.Comments.Mad, common.CommentsMad),
        Shrink(row.Gain.Count, row.Gain.Median, common.Gain));

    private static double Shrink(int posts, double own, double common) =>
        (posts * own + BaselineTable.PooledPosts * common) / (posts + BaselineTable.PooledPosts);

    private static GrowthClasses? Shrink(IEnumerable<GrowthRow> own, GrowthClasses? common)
    {
        if (common is not { } shrunk)
            return null;
        foreach (var row in own)
        {
            ref var range = ref shrunk[row.Class];
            range = new(Shrink(row.Count, row.Low, range.Low), Shrink(row.Count, row.Median, range.Median), Shrink(row.Count, row.High, range.High));
        }

        return shrunk;
    }

    /// <summary>Each class drawn to the mean of all classes by its number of posts; one that no post was in is that mean.</summary>
    private static GrowthClasses? Classes(IEnumerable<GrowthRow> rows)
    {
        var (posts, low, median, high) = (0, 0.0, 0.0, 0.0);
        foreach (var row in rows)
            (posts, low, median, high) = (posts + row.Count, low + row.Count * row.Low, median + row.Count * row.Median, high + row.Count * row.High);
        if (posts == 0)
            return null;
        var all = new GrowthRange(low / posts, median / posts, high / posts);
        GrowthClasses classes = default;
        ((Span<GrowthRange>)classes).Fill(all);
        return Shrink(rows, classes);
    }

    /// <summary>A quantile of the final scores, shrunk on the logarithm.</summary>
    private double Quantile(CommunityRow own, Func<CommunityRow, double> quantile)
    {
        if (_finals.Count == 0)
            return double.NaN;
        return Math.Exp(Shrink(own.Count, Log(own), Log(_finals))) - 1;

        double Log(CommunityRow row) => Math.Log(1 + Math.Max(0, quantile(row)));
    }
}
