namespace SignalFlow.Processing.Surge;

/// <summary>The tables of consecutive cuts: what folding a post's whole history needs. Immutable.</summary>
/// <param name="cuts">Any order; microseconds since the Unix epoch.</param>
/// <param name="period">Distance of the cuts, microseconds.</param>
internal sealed class BaselineHistory(IEnumerable<KeyValuePair<long, BaselineTable>> cuts, long period = BaselineCut.Period)
{
    private readonly SortedList<long, BaselineTable> _cuts = new(cuts.ToDictionary());

    /// <summary>
    /// The table that an observation of this instant is compared with: that of its cut, or of the newest one before where tables were made less
    /// often; the empty one before the first.
    /// </summary>
    public BaselineTable At(long observedAt)
    {
        var cut = BaselineCut.Of(observedAt, period);
        var (low, high) = (0, _cuts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_cuts.Keys[middle] <= cut)
                low = middle + 1;
            else
                high = middle;
        }

        return low == 0 ? BaselineTable.Empty : _cuts.Values[low - 1];
    }
}
