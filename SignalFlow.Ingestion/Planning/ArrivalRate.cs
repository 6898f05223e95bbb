namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Events per hour as an exponentially weighted mean: an event that is <paramref name="memory"/> old counts 1/e. Before anything has been
/// measured the rate is <paramref name="prior"/>, which weighs as much as a twentieth of the memory.
/// </summary>
internal sealed class ArrivalRate(TimeSpan memory, double prior)
{
    private double _hours = memory.TotalHours / 20;
    private double _events = prior * memory.TotalHours / 20;

    public double PerHour => _events / _hours;

    public void Observe(double events, TimeSpan during)
    {
        if (during <= TimeSpan.Zero)
            return;
        var kept = Math.Exp(-during / memory);
        _events = _events * kept + events;
        // The integral of the weights over the same time, so that a constant rate is measured as what it is from the start.
        _hours = _hours * kept + memory.TotalHours * (1 - kept);
    }

    /// <summary>What is to be expected within <paramref name="interval"/>.</summary>
    public double Expected(TimeSpan interval) => PerHour * interval.TotalHours;
}
