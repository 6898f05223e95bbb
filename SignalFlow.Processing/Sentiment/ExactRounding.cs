namespace SignalFlow.Processing.Sentiment;

/// <summary>
/// Rounds the exact binary value of a number to a few decimals, exact ties to even, as a correctly rounding printf does.
/// <see cref="Math.Round(double, int)"/> rounds the product with the power of ten, which already carries an error: it makes 0.112 of
/// 0.1125 (in binary a little more than that) where 0.113 is right.
/// </summary>
internal static class ExactRounding
{
    /// <param name="value">Of magnitude 1 or less.</param>
    /// <param name="scale">The power of ten to keep: 1,000 for three decimals.</param>
    public static double Round(double value, double scale)
    {
        var product = value * scale;
        var error = Math.FusedMultiplyAdd(value, scale, -product);

        // Both differences are exact, and product is a multiple of its own last place while error is at most half of one:
        // error decides only where product alone is a tie.
        var floor = Math.Floor(product);
        var aboveTie = product - floor - 0.5;
        var roundsUp = aboveTie > 0 || (aboveTie == 0 && (error > 0 || (error == 0 && floor % 2 != 0)));
        var units = roundsUp ? floor + 1 : floor;

        // The quotient of two exact integers is the double nearest to the decimal; adding 0 turns -0 into 0.
        return units / scale + 0.0;
    }
}
