using SignalFlow.Contracts;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>
/// A model of the original's scheduler, written from its description: a task per subreddit asks for the newest 25 posts and sleeps for its
/// interval; one more task passes over all known posts, one request at a time, and sleeps ten seconds between two passes. All of them
/// wait for the same rate limiter, first come, first served.
/// </summary>
internal sealed class OriginalIngester : IIngester
{
    private const int PageSize = 25;

    private static readonly TimeSpan BetweenPasses = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenEvictions = TimeSpan.FromMinutes(1);

    private static readonly RefreshStep[] Steps =
    [
        new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)),
        new(TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(30)),
        new(TimeSpan.FromHours(24), TimeSpan.FromHours(2)),
    ];

    private readonly IngestContext _context;
    private readonly RedditClient _client;
    private readonly ObservationSink _sink;
    private readonly bool _asRun;
    private readonly string _address;
    private readonly TimeSpan _spacing;
    private readonly PriorityQueue<Poller, DateTimeOffset> _pollers = new();
    private readonly Dictionary<string, ActivePost> _active = [];
    private readonly Queue<ActivePost> _pass = new();
    // In the order in which they became known, which is that of a pass.
    private List<ActivePost> _inOrder = [];
    private DateTimeOffset _slot;
    private DateTimeOffset _passAskedAt;
    private DateTimeOffset _passStartedAt;
    private DateTimeOffset _evictedAt;
    private bool _loaded;

    public OriginalIngester(IngestContext context, RedditClient client, Uri address, ObservationSink sink)
    {
        (_context, _client, _sink) = (context, client, sink);
        _asRun = context.Scenario.Original == OriginalModel.AsRun;
        _address = address.AbsoluteUri.TrimEnd('/');
        _spacing = TimeSpan.FromMinutes(1) / context.RequestsPerMinute;
        var now = context.Time.GetUtcNow();
        (_slot, _passAskedAt, _evictedAt) = (now, now + BetweenPasses, now);
        foreach (var entry in context.Table.Entries)
            _pollers.Enqueue(new Poller(entry.Name, PollInterval(entry.Tier)), now);
    }

    public IReadOnlyList<RefreshStep> RefreshSteps => Steps;

    public static IReadOnlyList<RefreshStep> DefaultSteps => Steps;

    public TimeSpan PollInterval(string tier) => TimeSpan.FromSeconds(tier switch { "fast" => 60, "slow" => 600, _ => 180 });

    public async Task<DateTimeOffset?> StepAsync(CancellationToken cancellationToken)
    {
        var now = _context.Time.GetUtcNow();
        _pollers.TryPeek(out _, out var pollAskedAt);
        if (_pass.Count == 0 && _passAskedAt <= now)
            BeginPass(now);
        var askedAt = pollAskedAt < _passAskedAt ? pollAskedAt : _passAskedAt;
        if (askedAt > now || _slot > now)
            return askedAt > _slot ? askedAt : _slot;

        _slot = now + _spacing;
        if (pollAskedAt <= _passAskedAt)
            await PollAsync(_pollers.Dequeue(), cancellationToken);
        else
            await RefreshAsync(cancellationToken);
        return null;
    }

    private async Task PollAsync(Poller poller, CancellationToken cancellationToken)
    {
        (_context.Meter.Kind, _context.Log.AskedFor) = ("new", AskedFor.Listing);
        var answer = await PlannerIngester.FetchAsync(
            _client, "new", $"{_address}/r/{poller.Subreddit}/new?limit={PageSize}&raw_json=1", cancellationToken);
        _pollers.Enqueue(poller, _context.Time.GetUtcNow() + poller.Interval);
        if (answer is not { } page)
            return;

        var unseen = page.Posts.Where(post => !_active.ContainsKey(post.Id)).ToList();
        foreach (var post in unseen)
        {
            var active = new ActivePost(post.Id, DateTimeOffset.FromUnixTimeSeconds((long)post.CreatedUtc)) { PolledAt = page.At };
            _active.Add(post.Id, active);
            _inOrder.Add(active);
        }

        if (_asRun)
        {
            foreach (var post in page.Posts)
                _active[post.Id].PolledAt = null;
        }

        await _sink(KafkaTopics.Raw, unseen, cancellationToken);
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        (_context.Meter.Kind, _context.Log.AskedFor) = ("info", AskedFor.Refresh);
        var post = _pass.Peek();
        var answer = await PlannerIngester.FetchAsync(_client, "info", $"{_address}/api/info?id=t3_{post.Id}&raw_json=1", cancellationToken);
        _passAskedAt = _context.Time.GetUtcNow();
        // The submission is fetched when it is made, and again when it is loaded.
        _loaded = _asRun && !_loaded;
        if (_loaded)
            return;

        _pass.Dequeue();
        if (_pass.Count == 0)
            _passAskedAt += BetweenPasses;
        if (answer is not { } page)
            return;

        // The whole pass counts as having happened when it began.
        post.PolledAt = _passStartedAt;
        await _sink(KafkaTopics.Refresh, page.Posts, cancellationToken);
    }

    private void BeginPass(DateTimeOffset now)
    {
        if (now - _evictedAt >= BetweenEvictions)
        {
            _evictedAt = now;
            _inOrder = [.. _inOrder.Where(post => now - post.Created < Steps[^1].MaxAge)];
            foreach (var old in _active.Values.Where(post => now - post.Created >= Steps[^1].MaxAge).ToList())
                _active.Remove(old.Id);
        }

        _passStartedAt = now;
        foreach (var post in _inOrder)
        {
            if (RefreshStep.At(Steps, now - post.Created) is { } step && (post.PolledAt is not { } polled || now - polled >= step.Interval))
                _pass.Enqueue(post);
        }

        if (_pass.Count == 0)
            _passAskedAt = now + BetweenPasses;
    }

    private sealed record Poller(string Subreddit, TimeSpan Interval);

    private sealed class ActivePost(string id, DateTimeOffset created)
    {
        public string Id => id;
        public DateTimeOffset Created => created;
        public DateTimeOffset? PolledAt { get; set; }
    }
}
