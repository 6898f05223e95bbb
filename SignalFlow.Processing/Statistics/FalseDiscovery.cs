namespace SignalFlow.Processing.Statistics;

/// <summary>
/// Benjamini and Hochberg, "Controlling the False Discovery Rate" (1995): of what is reported, at most the share <c>level</c> is chance, in the mean.
/// Holds for the positively dependent tests that terms of the same titles are (Benjamini and Yekutieli 2001).
/// </summary>
internal static class FalseDiscovery
{
    /// <summary>The largest p-value that is a discovery; -1 where there is none.</summary>
    /// <param name="pValues">Those worth a look, in any order; the span is sorted.</param>
    /// <param name="tests">How many were tested in all; those that are not in the span count as 1.</param>
    public static double Threshold(Span<double> pValues, int tests, double level)
    {
        pValues.Sort();
        for (var rank = pValues.Length; rank > 0; rank--)
        {
            if (pValues[rank - 1] <= level * rank / tests)
                return pValues[rank - 1];
        }

        return -1;
    }
}
