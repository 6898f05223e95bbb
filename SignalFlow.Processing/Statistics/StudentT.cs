namespace SignalFlow.Processing.Statistics;

/// <summary>Student's t distribution.</summary>
internal static class StudentT
{
    /// <summary>The probability of a value at least as far from 0 on either side: I(f / (f + t²); f / 2, 1 / 2), Abramowitz and Stegun 26.7.1.</summary>
    /// <param name="degrees">Degrees of freedom, not only whole ones.</param>
    public static double TwoSided(double t, double degrees)
    {
        var square = t * t;
        return SpecialFunctions.IncompleteBeta(degrees / 2, 0.5, degrees / (degrees + square), square / (degrees + square));
    }
}
