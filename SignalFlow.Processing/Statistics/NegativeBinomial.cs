namespace SignalFlow.Processing.Statistics;

/// <summary>
/// Counts that scatter more than Poisson's: mean e, variance e + e²·d, where d is the dispersion (the inverse of the usual size k). With d = 0 it is
/// Poisson's distribution.
/// </summary>
internal static class NegativeBinomial
{
    /// <summary>Below it the distribution cannot be told from Poisson's, and its size would only cost digits.</summary>
    private const double LeastDispersion = 1e-7;

    /// <summary>The probability of <paramref name="count"/> or more: I(e / (e + k); count, k), Abramowitz and Stegun 26.5.26.</summary>
    /// <param name="mean">Above 0.</param>
    /// <param name="dispersion">0 or more.</param>
    public static double UpperTail(int count, double mean, double dispersion)
    {
        if (count <= 0)
            return 1;

        var size = 1 / Math.Max(dispersion, LeastDispersion);
        return SpecialFunctions.IncompleteBeta(count, size, mean / (mean + size), size / (mean + size));
    }
}
