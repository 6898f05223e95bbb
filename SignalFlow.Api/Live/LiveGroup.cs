namespace SignalFlow.Api.Live;

/// <summary>The clients of one filter, and what they have not been told yet. All under the feed's lock.</summary>
internal sealed class LiveGroup : IDisposable
{
    private readonly Dictionary<string, LivePost> _pending = [];
    private readonly LiveFilter _filter;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long? _flushedAt;

    /// <param name="filter">The filter of all of them.</param>
    /// <param name="interval">At most one message in this time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="due">Called when <see cref="Flush"/> is due.</param>
    public LiveGroup(LiveFilter filter, TimeSpan interval, TimeProvider time, Action<LiveGroup> due)
    {
        _filter = filter;
        _interval = interval;
        _time = time;
        _timer = time.CreateTimer(_ => due(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public LiveFilter Filter => _filter;

    public HashSet<LiveClient> Clients { get; } = [];

    /// <summary>Those that wait for a snapshot, and where in what they get it belongs.</summary>
    public List<(LiveClient Client, LiveMail Mail, bool IsCatchUp)> Waiting { get; } = [];

    public bool IsReading { get; set; }

    public IReadOnlyCollection<LivePost> Pending => _pending.Values;

    public void Add(IReadOnlyList<LivePost> posts, long sequence)
    {
        foreach (var post in posts)
        {
            if (_filter.Matches(post.View))
                _pending[post.Id] = post;
        }

        if (_pending.Count == 0)
            return;
        // The first after a pause does not wait.
        var wait = _flushedAt is { } last ? _interval - _time.GetElapsedTime(last) : TimeSpan.Zero;
        if (wait <= TimeSpan.Zero)
            Flush(sequence);
        else
            _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    public void Flush(long sequence)
    {
        if (_pending.Count == 0)
            return;
        var message = LiveMessage.OfPosts(LiveMessage.Update, [.. _pending.Values], sequence);
        _pending.Clear();
        _flushedAt = _time.GetTimestamp();
        foreach (var client in Clients)
            client.Offer(message);
    }

    public void Dispose() => _timer.Dispose();
}
