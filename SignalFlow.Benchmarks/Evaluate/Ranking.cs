namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>Posts in the order of a signal, and which of them were to be found.</summary>
internal sealed class Ranking
{
    private readonly double[] _values;
    private readonly bool[] _positives;
    private readonly int[] _order;

    /// <param name="values">The signal's, by post; the highest first.</param>
    /// <param name="positives">By post.</param>
    public Ranking(double[] values, bool[] positives)
    {
        (_values, _positives) = (values, positives);
        _order = [.. Enumerable.Range(0, values.Length).OrderByDescending(post => values[post])];
    }

    /// <summary>
    /// Mean over the positives of the precision down to each; posts of equal value count as one step, so that a constant has the base rate.
    /// NaN without positives.
    /// </summary>
    /// <param name="counts">How often each post counts; null: once.</param>
    public double AveragePrecision(int[]? counts = null)
    {
        var (sum, found, seen) = (0.0, 0, 0);
        for (var i = 0; i < _order.Length;)
        {
            var hits = 0;
            var value = _values[_order[i]];
            for (; i < _order.Length && _values[_order[i]].Equals(value); i++)
            {
                var count = counts is null ? 1 : counts[_order[i]];
                seen += count;
                hits += _positives[_order[i]] ? count : 0;
            }

            found += hits;
            sum += hits == 0 ? 0 : hits * ((double)found / seen);
        }

        return found == 0 ? double.NaN : sum / found;
    }
}
