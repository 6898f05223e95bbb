namespace SignalFlow.Processing.Terms;

/// <summary>
/// Evaluates bucket after bucket. Its state is a fold over what its results say to store, so a process that restores the hours of two weeks and the
/// scatters of one, and closes the buckets of the current hour again, goes on as if it had never stopped. Not for concurrent use.
/// </summary>
internal sealed class TermStream
{
    private readonly TermHistory _history = new();
    private readonly TermDispersion _dispersion = new();
    private readonly TermHourSums _hour = new();
    private TermBaseline? _baseline;

    /// <summary>The bucket after the last one that was closed; null before the first.</summary>
    public DateTimeOffset? Next { get; private set; }

    public TermHistory History => _history;

    /// <summary>By the number of words, less one.</summary>
    public double[] Dispersion => _dispersion.Fit();

    /// <param name="hours">In their order.</param>
    /// <param name="scatters">In the order of their buckets, those of the hours only.</param>
    public void Restore(IEnumerable<TermHour> hours, IEnumerable<TermScatter> scatters)
    {
        foreach (var hour in hours)
        {
            _history.Add(hour);
            Next = hour.Hour + TimeSpan.FromHours(1);
        }

        foreach (var scatter in scatters)
            _dispersion.Add(scatter);
    }

    /// <summary>To be called once the bucket closes (<see cref="TermClock.ClosesAt"/>), for every bucket in turn.</summary>
    /// <param name="posts">At least those that the bucket counts; more, in any order, do no harm.</param>
    public TermResult Close(DateTimeOffset bucket, IEnumerable<TermPost> posts)
    {
        if (bucket != TermClock.BucketOf(bucket) || bucket < Next)
            throw new ArgumentException($"{bucket:u} is not the beginning of a bucket after those that are closed.", nameof(bucket));

        // Buckets that were left out (no post, or no process) may have ended an hour.
        TermHour? ended = null;
        if (_hour.Hour is { } begun && begun != TermClock.HourOf(bucket))
            ended = EndHour();

        var counts = TermCounts.Of(bucket, posts);
        _baseline ??= _history.BaselineOf(bucket);
        var dispersion = _dispersion.Fit();
        var bursts = TermDetector.Find(counts, _baseline, dispersion);
        var scatters = _baseline.Kind == TermBaselineKind.None ? [] : TermDispersion.Measure(counts, _baseline, dispersion);
        foreach (var scatter in scatters)
            _dispersion.Add(scatter);

        _hour.Add(counts);
        Next = bucket + TermClock.Length;
        if (TermClock.IsLastOfHour(bucket))
            return new TermResult(counts, bursts, scatters, ended is null ? [EndHour()] : [ended, EndHour()], _history.Start);
        return new TermResult(counts, bursts, scatters, ended is null ? [] : [ended], _history.Start);
    }

    private TermHour EndHour()
    {
        var hour = _hour.End();
        _history.Add(hour);
        _baseline = null;
        return hour;
    }
}

/// <summary>What a bucket gave, all of it to be stored under keys that make a repeat harmless.</summary>
/// <param name="Bursts">Key: bucket, term.</param>
/// <param name="Scatters">Key: bucket, words.</param>
/// <param name="Hours">Those that ended with it. Key: hour, term.</param>
/// <param name="HistoryStart">Since when there is history, for "learning since".</param>
internal sealed record TermResult(
    TermCounts Counts, List<TermBurst> Bursts, TermScatter[] Scatters, TermHour[] Hours, DateTimeOffset? HistoryStart);
