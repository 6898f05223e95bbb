namespace SignalFlow.Web.Components.Charts;

/// <summary>An axis of values that begins and ends at round numbers.</summary>
public sealed record Axis
{
    private static readonly double[] RoundSteps = [1, 2, 5, 10];

    private Axis(double low, double high, double step) => (Low, High, Step) = (low, high, step);

    public double Low { get; }
    public double High { get; }
    public double Step { get; }

    /// <summary>From low to high, both included.</summary>
    public IEnumerable<double> Ticks
    {
        get
        {
            var count = (int)Math.Round((High - Low) / Step);
            for (var tick = 0; tick <= count; tick++)
                yield return Rounded(Low + tick * Step, Step);
        }
    }

    /// <summary>Decimals that tell two ticks apart.</summary>
    public int Decimals => Math.Max(0, -(int)Math.Floor(Math.Log10(Step) + 1e-9));

    /// <summary>0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => (value - Low) / (High - Low);

    /// <param name="values">What must fit; without any the axis goes from 0 to 1.</param>
    /// <param name="fromZero">Zero is on the axis, so that lengths can be compared.</param>
    /// <param name="whole">No ticks between whole numbers.</param>
    /// <param name="intervals">About so many.</param>
    public static Axis Over(IEnumerable<double> values, bool fromZero = true, bool whole = false, int intervals = 4)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            if (!double.IsFinite(value))
                continue;
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        if (low > high)
            (low, high) = (0, 0);
        if (fromZero)
            (low, high) = (Math.Min(0, low), Math.Max(0, high));
        var step = RoundStep((high - low) / intervals, whole);
        var first = Math.Floor(low / step + 1e-9) * step;
        var last = Math.Ceiling(high / step - 1e-9) * step;
        // A single value lies on the lower line of one interval.
        return new(Rounded(first, step), Rounded(last > first ? last : first + step, step), step);
    }

    private static double RoundStep(double rough, bool whole)
    {
        if (rough <= 0)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = Array.Find(RoundSteps, round => round * power >= rough * (1 - 1e-9)) * power;
        return whole ? Math.Max(1, step) : step;
    }

    // Sums of tenths are not tenths.
    private static double Rounded(double value, double step) => Math.Round(value / step) * step is var product && step < 1
        ? Math.Round(product, Math.Clamp(-(int)Math.Floor(Math.Log10(step) + 1e-9), 0, 15))
        : product;
}
