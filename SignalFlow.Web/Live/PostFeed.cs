using System.Collections.Immutable;
using System.Diagnostics;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>
/// The newest state of the newest posts, kept once per process and read by every circuit. Subscribers are told of changes at
/// most once per <see cref="PulseInterval"/>, however many updates arrive, and at least once per <see cref="HeartbeatInterval"/>,
/// so that ages and counters move on.
/// </summary>
/// <remarks>
/// The order and the number of times in which updates arrive do not matter: per post the newest poll wins, and a purge wins over all. Of a
/// purged post only its place is kept, so that no late update brings it back; once pushed out it is too old to come in again.
/// </remarks>
internal sealed class PostFeed(TimeProvider time) : IDisposable
{
    public const int Capacity = 1000;

    public const int TrailLength = 32;

    // Spans of updates between two pulses.
    private const int MostUpdates = 8;

    /// <summary>With the once-a-second connection status this makes at most four renders a second per circuit.</summary>
    public static readonly TimeSpan PulseInterval = TimeSpan.FromMilliseconds(350);

    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, PostView> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<TrailPoint>> _trails = new(StringComparer.Ordinal);
    private readonly SortedSet<PostView> _newestFirst = new(NewestFirst.Instance);
    private ImmutableArray<PostView>? _snapshot = [];
    private ImmutableHashSet<string> _purged = ImmutableHashSet.Create<string>(StringComparer.Ordinal);
    private ImmutableArray<Subscription> _subscriptions = [];
    private LiveConnectionStatus _connection = new(LiveState.Connecting);
    private DateTimeOffset? _lastPolledAt;
    private readonly List<ActivityContext> _updates = [];
    private ITimer? _pulse;
    private long _version;

    /// <summary>Newest first by creation; without the purged ones.</summary>
    public ImmutableArray<PostView> Posts
    {
        get
        {
            lock (_gate)
                return _snapshot ??= [.. _newestFirst.Where(post => !post.Purged)];
        }
    }

    /// <summary>The posts that no one may be shown any more, of those that are young enough to be in the feed.</summary>
    public ImmutableHashSet<string> Purged
    {
        get
        {
            lock (_gate)
                return _purged;
        }
    }

    /// <summary>The newest observations of a post, oldest first, at most <see cref="TrailLength"/>; empty for one that is not in the feed.</summary>
    public ImmutableArray<TrailPoint> TrailOf(string id)
    {
        lock (_gate)
            return _trails.GetValueOrDefault(id, []);
    }

    /// <summary>What was observed before the feed began to listen.</summary>
    public void Apply(PostTrails trails)
    {
        lock (_gate)
        {
            foreach (var trail in trails.Results)
            {
                if (!_trails.TryGetValue(trail.Id, out var known))
                    continue;
                var first = known.IsEmpty ? DateTimeOffset.MaxValue : known[0].ObservedAt;
                _trails[trail.Id] = Shortened([.. trail.Points.Where(point => point.ObservedAt < first), .. known]);
            }

            _version++;
        }
    }

    /// <summary>The newest poll of any post; null before the first post.</summary>
    public DateTimeOffset? LastPolledAt
    {
        get
        {
            lock (_gate)
                return _lastPolledAt;
        }
    }

    public LiveConnectionStatus Connection
    {
        get
        {
            lock (_gate)
                return _connection;
        }
    }

    /// <param name="posts">What may be new.</param>
    /// <param name="update">The span that brings them, if any.</param>
    public void Apply(IReadOnlyList<PostView> posts, ActivityContext update = default)
    {
        lock (_gate)
        {
            var changed = false;
            foreach (var post in posts)
                changed |= Apply(post);
            if (!changed)
                return;

            _snapshot = null;
            _version++;
            if (update != default && !_subscriptions.IsEmpty && _updates.Count < MostUpdates)
                _updates.Add(update);
        }
    }

    /// <summary>
    /// Drops what was purged while nobody told: every post of <paramref name="before"/> that is missing from <paramref name="listed"/>, the
    /// newest posts of all as they are listed now.
    /// </summary>
    /// <param name="before">What the feed held before the list was read.</param>
    /// <param name="listed">At least one post.</param>
    /// <param name="complete">The list has no older posts.</param>
    public void DropUnlisted(ImmutableArray<PostView> before, IReadOnlyCollection<PostView> listed, bool complete)
    {
        var ids = listed.Select(post => post.Id).ToHashSet(StringComparer.Ordinal);
        var oldest = listed.Min(post => post.CreatedUtc);
        Apply([
            .. before
                .Where(post => !ids.Contains(post.Id) && (complete || post.CreatedUtc > oldest))
                .Select(post => post with { Title = PostRemoval.Placeholder, Author = null, Url = null, Permalink = null, Nlp = null, Purged = true }),
        ]);
    }

    public void Report(LiveConnectionStatus connection)
    {
        lock (_gate)
        {
            if (_connection == connection)
                return;
            _connection = connection;
            _version++;
        }
    }

    /// <summary>
    /// Calls back after changes until the result is disposed. A subscriber whose last call has not completed is passed over and
    /// told later: nothing queues up for a slow circuit. The callback deals with its own exceptions.
    /// </summary>
    public IDisposable OnChanged(Func<Task> callback)
    {
        var subscription = new Subscription(this, callback);
        lock (_gate)
        {
            subscription.SeenVersion = _version;
            subscription.CalledAt = time.GetTimestamp();
            _subscriptions = _subscriptions.Add(subscription);
            _pulse ??= time.CreateTimer(static feed => ((PostFeed)feed!).Pulse(), this, PulseInterval, PulseInterval);
        }

        return subscription;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _subscriptions = [];
            StopPulseWhenUnused();
        }
    }

    private bool Apply(PostView post)
    {
        if (_byId.TryGetValue(post.Id, out var known))
        {
            if (known.Purged != post.Purged ? known.Purged : known.LastPolledAt >= post.LastPolledAt)
                return false;
            _newestFirst.Remove(known);
        }

        if (_lastPolledAt is null || _lastPolledAt < post.LastPolledAt)
            _lastPolledAt = post.LastPolledAt;

        _byId[post.Id] = post;
        _newestFirst.Add(post);
        Trail(post);
        if (post.Purged)
            _purged = _purged.Add(post.Id);
        if (_newestFirst.Count <= Capacity)
            return true;

        var oldest = _newestFirst.Max!;
        _newestFirst.Remove(oldest);
        _byId.Remove(oldest.Id);
        _trails.Remove(oldest.Id);
        _purged = _purged.Remove(oldest.Id);
        return !ReferenceEquals(oldest, post);
    }

    private void Trail(PostView post)
    {
        if (post.Purged)
            _trails.Remove(post.Id);
        else
            _trails[post.Id] = Shortened(_trails.GetValueOrDefault(post.Id, []).Add(new(post.LastPolledAt, post.CurrentScore)));
    }

    private static ImmutableArray<TrailPoint> Shortened(ImmutableArray<TrailPoint> trail) =>
        trail.Length <= TrailLength ? trail : trail[^TrailLength..];

    private void Pulse()
    {
        ImmutableArray<Subscription> subscriptions;
        ActivityContext[] updates;
        long version;
        lock (_gate)
        {
            subscriptions = _subscriptions;
            version = _version;
            updates = _updates.Count == 0 ? [] : [.. _updates];
            _updates.Clear();
        }

        var began = time.GetUtcNow();
        foreach (var subscription in subscriptions)
            subscription.Pulse(version, time);
        if (updates.Length > 0)
            _ = WebActivity.RenderAsync(updates, subscriptions.Length, began, Task.WhenAll(subscriptions.Select(subscription => subscription.Call)));
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = _subscriptions.Remove(subscription);
            StopPulseWhenUnused();
        }
    }

    private void StopPulseWhenUnused()
    {
        if (!_subscriptions.IsEmpty)
            return;
        _pulse?.Dispose();
        _pulse = null;
    }

    private sealed class Subscription(PostFeed feed, Func<Task> callback) : IDisposable
    {
        private Task _call = Task.CompletedTask;
        private int _pulsing;

        /// <summary>The last call; it may be under way.</summary>
        public Task Call => _call;

        public long SeenVersion { get; set; }
        public long CalledAt { get; set; }

        public void Pulse(long version, TimeProvider time)
        {
            // Timer callbacks may overlap; the second one has nothing to add.
            if (Interlocked.Exchange(ref _pulsing, 1) == 1)
                return;

            if (_call.IsCompleted && (SeenVersion != version || time.GetElapsedTime(CalledAt) >= HeartbeatInterval))
            {
                SeenVersion = version;
                CalledAt = time.GetTimestamp();
                _call = callback();
            }

            Volatile.Write(ref _pulsing, 0);
        }

        public void Dispose() => feed.Remove(this);
    }

    private sealed class NewestFirst : IComparer<PostView>
    {
        public static readonly NewestFirst Instance = new();

        public int Compare(PostView? x, PostView? y)
        {
            var byTime = y!.CreatedUtc.CompareTo(x!.CreatedUtc);
            return byTime != 0 ? byTime : string.CompareOrdinal(y.Id, x.Id);
        }
    }
}
