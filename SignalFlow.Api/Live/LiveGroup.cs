using System.Diagnostics;

namespace SignalFlow.Api.Live;

/// <summary>The clients of one filter, and what they have not been told yet. All under the feed's lock.</summary>
internal sealed class LiveGroup : IDisposable
{
    // Of a message that several batches have become.
    private const int MostUpdates = 8;

    private static readonly TimeSpan LongestPush = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, LivePost> _pending = [];
    private readonly LiveFilter _filter;
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly List<ActivityContext> _updates = [];
    private LivePush? _push;
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

    /// <param name="posts">What is new.</param>
    /// <param name="sequence">Where that leads.</param>
    /// <param name="update">The span that brings them, if any.</param>
    public void Add(IReadOnlyList<LivePost> posts, long sequence, ActivityContext update)
    {
        var isTold = false;
        foreach (var post in posts)
        {
            if (!_filter.Matches(post.View))
                continue;
            _pending[post.Id] = post;
            isTold = true;
        }

        if (isTold && update != default && _updates.Count < MostUpdates)
            _updates.Add(update);
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
        _push?.End();
        _push = LivePush.Start(_updates, _pending.Count, Clients.Count);
        var message = LiveMessage.OfPosts(LiveMessage.Update, [.. _pending.Values], sequence, _push);
        _pending.Clear();
        _updates.Clear();
        _flushedAt = _time.GetTimestamp();
        foreach (var client in Clients)
            client.Offer(message);
    }

    /// <summary>
    /// When time has passed without another message. Those who have not got the last one by now are slow, and the span need not wait for them.
    /// </summary>
    public void EndPush()
    {
        if (_push is null || _time.GetElapsedTime(_flushedAt!.Value) < LongestPush)
            return;
        _push.End();
        _push = null;
    }

    public void Dispose()
    {
        _push?.End();
        _timer.Dispose();
    }
}
