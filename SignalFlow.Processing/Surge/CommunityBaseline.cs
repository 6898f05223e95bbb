using System.Runtime.CompilerServices;

namespace SignalFlow.Processing.Surge;

/// <summary>
/// One community's rows of a table, shrunk and ready: between the ages of two bins values are interpolated on the logarithm of the age, beyond
/// the first and the last they stay. Immutable; looking up allocates nothing.
/// </summary>
internal sealed class CommunityBaseline
{
    private readonly Knot[] _knots;

    internal CommunityBaseline(Knot[] knots, double p50, double p90, double p95, double outlier) =>
        (_knots, P50, P90, P95, Outlier) = (knots, p50, p90, p95, outlier);

    /// <summary>Nothing is known of any community: no post has a signal.</summary>
    public static CommunityBaseline Empty { get; } = new([], double.NaN, double.NaN, double.NaN, double.NaN);

    public bool IsEmpty => _knots.Length == 0;

    /// <summary>Half of the community's posts end with more points; NaN where no final score is known.</summary>
    public double P50 { get; }

    /// <summary>A tenth of the community's posts ends with more points.</summary>
    public double P90 { get; }

    /// <summary>One in twenty of the community's posts ends with more points.</summary>
    public double P95 { get; }

    /// <summary>
    /// Points that the community's ordinary posts do not reach: 3.3 robust deviations above the median on the logarithm, which of a log-normal
    /// community one post in 2,000 passes; at least <see cref="P95"/>. Real communities have many more: those are what trends.
    /// </summary>
    public double Outlier { get; }

    /// <param name="minutes">Age.</param>
    public Expectation At(double minutes)
    {
        var (lower, upper, share) = Neighbours(minutes);
        return Expectation.Between(_knots[lower].Typical, _knots[upper].Typical, share);
    }

    /// <summary>The community's own posts behind <see cref="At"/>; the rest is what communities have in common.</summary>
    public int PostsAt(double minutes)
    {
        var (lower, upper, share) = Neighbours(minutes);
        return _knots[share < 0.5 ? lower : upper].Posts;
    }

    /// <summary>Growth until a day of age of the posts at this age and level; null where no post has been followed so long.</summary>
    public GrowthRange? GrowthAt(double minutes, double level)
    {
        var (lower, upper, share) = Neighbours(minutes);
        if (_knots[lower].Growth is not { } before || _knots[upper].Growth is not { } after)
            return null;
        var (below, above, part) = LevelClass.Between(level);
        return GrowthRange.Between(
            GrowthRange.Between(before[below], before[above], part), GrowthRange.Between(after[below], after[above], part), share);
    }

    private (int Lower, int Upper, double Share) Neighbours(double minutes)
    {
        var age = Math.Log(Math.Max(minutes, 1));
        if (!(age > _knots[0].LogAge))
            return (0, 0, 0);
        for (var upper = 1; upper < _knots.Length; upper++)
        {
            if (age < _knots[upper].LogAge)
            {
                var lower = upper - 1;
                return (lower, upper, (age - _knots[lower].LogAge) / (_knots[upper].LogAge - _knots[lower].LogAge));
            }
        }

        return (_knots.Length - 1, _knots.Length - 1, 0);
    }

    /// <param name="LogAge">Logarithm of the age in minutes.</param>
    /// <param name="Posts">The community's own.</param>
    /// <param name="Typical">Shrunk.</param>
    /// <param name="Growth">By level class; null where nothing is known.</param>
    internal readonly record struct Knot(double LogAge, int Posts, Expectation Typical, GrowthClasses? Growth);

    [InlineArray(LevelClass.Count)]
    internal struct GrowthClasses
    {
        private GrowthRange _first;
    }
}
