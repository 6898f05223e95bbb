using Microsoft.Extensions.Time.Testing;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Ingestion;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Tests.Ingestion;

/// <summary>A planner on a clock of its own, whose requests are answered from simulated listings.</summary>
internal sealed class PlannerDriver
{
    private readonly Dictionary<string, DateTimeOffset> _firstSeen = [];
    private readonly IngestionOptions _options;
    private readonly int _requestsPerMinute;

    public PlannerDriver(IngestionOptions? options = null, int requestsPerMinute = 60)
    {
        _options = options ?? new IngestionOptions();
        _requestsPerMinute = requestsPerMinute;
        Planner = NewPlanner();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    public SimulatedListings Reddit { get; } = new();
    public RequestPlanner Planner { get; private set; }

    /// <summary>Every request: <c>poll a+b@12</c>, <c>poll a+b&gt;t3_x@13</c>, <c>refresh 100@14</c>, with the second it was sent in.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>How often each id was published as new.</summary>
    public Dictionary<string, int> Raw { get; } = [];

    /// <summary>Observations of known posts, in their order.</summary>
    public List<(string Id, DateTimeOffset At, string Kind)> Refreshed { get; } = [];

    public List<PostGone> Gone { get; } = [];
    public List<PollGap> Gaps { get; } = [];
    public List<Setback> Setbacks { get; } = [];

    /// <summary>What the database holds: the ids that it knows whatever the planner does.</summary>
    public HashSet<string> Stored { get; } = [];

    /// <summary>How a request fails; null: it does not.</summary>
    public Func<PlannedRequest, RedditAnswer?> Fault { get; set; } = _ => null;

    /// <summary>How old the answer to a request is.</summary>
    public Func<PlannedRequest, TimeSpan> Staleness { get; set; } = _ => TimeSpan.Zero;

    /// <summary>Whether Kafka confirms an observation.</summary>
    public Func<string, bool> Delivers { get; set; } = _ => true;

    public DateTimeOffset Now => Time.GetUtcNow();

    public IEnumerable<string> Polls => Requests.Where(request => request.StartsWith("poll", StringComparison.Ordinal));

    private DateTimeOffset Start { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public void Configure(params (string Name, string Tier)[] subreddits) =>
        Planner.Configure([.. subreddits.Select(subreddit => new SubredditConfig(subreddit.Name, subreddit.Tier, null))]);

    public void Post(string subreddit, int count, int firstId = 0)
    {
        var first = Math.Max(firstId, Reddit.Posts.Count(post => post.Subreddit == subreddit));
        for (var i = first; i < first + count; i++)
            Reddit.Add(subreddit, $"{subreddit}{i}", Now);
    }

    /// <summary>A new process that knows what the database holds of the published posts.</summary>
    public void Restart(Func<string, bool>? isStored = null, params (string Name, string Tier)[] subreddits)
    {
        var covered = Planner.Subreddits.ToDictionary(subreddit => subreddit.Name, subreddit => subreddit.ResumesFrom);
        var known = Reddit.Posts.Where(post => Raw.ContainsKey(post.Id) && isStored?.Invoke(post.Id) != false).ToList();
        Planner = NewPlanner();
        Configure(subreddits);
        Planner.Restore(new IngestionState(
            [.. known.Select(post => new TrackedPost(
                post.Id, post.Subreddit, post.CreatedAt, _firstSeen[post.Id], LastObserved(post.Id) ?? _firstSeen[post.Id],
                post.Score, post.NumComments, false, false))
                .Where(post => post.CreatedUtc > Now - Planner.Cadence.Horizon)],
            [.. known.Select(post => post.Subreddit).Distinct().Select(name => new StoredSubreddit(name, covered.GetValueOrDefault(name), Now, 0, 0, null))],
            new SweepProgress(null, null, null)));
    }

    /// <summary>Lets time pass and answers what the planner asks.</summary>
    public void RunFor(TimeSpan duration)
    {
        var end = Now + duration;
        while (true)
        {
            var plan = Planner.Next();
            if (plan.Request is { } request)
            {
                Answer(request);
                continue;
            }

            if (plan.At > end)
                break;
            Time.SetUtcNow(plan.At);
        }

        Time.SetUtcNow(end);
    }

    /// <summary>The next request, at the time when it is due.</summary>
    public PlannedRequest Next()
    {
        while (true)
        {
            var plan = Planner.Next();
            if (plan.Request is { } request)
                return request;
            Time.SetUtcNow(plan.At);
        }
    }

    public void Answer(PlannedRequest request)
    {
        Requests.Add($"{Describe(request)}@{(Now - Start).TotalSeconds:F0}");
        if (Fault(request) is { } fault)
        {
            Setbacks.Add(Planner.Fail(request, fault));
            return;
        }

        switch (request)
        {
            case PlannedRequest.Poll poll:
                AnswerListing(poll, poll.Subreddits, poll.After);
                break;
            case PlannedRequest.Backfill backfill:
                AnswerListing(backfill, [backfill.Subreddit.Name], backfill.After);
                break;
            case PlannedRequest.Refresh refresh:
                var page = Page(Reddit.Info(refresh.Ids));
                var review = Planner.Review(refresh, page);
                Planner.Complete(refresh, page, review, Publish(review, "refresh"));
                break;
            case PlannedRequest.Sweep sweep:
                var answer = Page(Reddit.Info(sweep.Posts.Select(post => post.Id)));
                var found = Planner.OldPosts.Review(sweep, answer.Listing, answer.ArrivedAt);
                Planner.Complete(sweep, answer, Publish(found, "sweep"));
                break;
        }
    }

    private void AnswerListing(PlannedRequest request, IReadOnlyList<string> subreddits, string? after)
    {
        var page = Page(Reddit.Page(subreddits, after, Now - Staleness(request)));
        var review = Planner.Review(page);
        var stored = Planner.Doubtful(review).Where(Stored.Contains).ToHashSet();
        var published = review.Unseen.Select(post => post.Id).Where(id => !stored.Contains(id) && Delivers(id)).ToHashSet();
        foreach (var id in published)
        {
            Raw[id] = Raw.GetValueOrDefault(id) + 1;
            _firstSeen.TryAdd(id, Now);
        }

        if (request is PlannedRequest.Poll stale && RequestPlanner.IsStale(stale, page.Listing, review))
            review = review with { Seen = [] };
        published.UnionWith(Publish(new InfoReview(review.Seen, review.Removed), request.Kind));
        if (request is PlannedRequest.Poll poll)
            Gaps.AddRange(Planner.Complete(poll, page, review, stored, published).Gaps);
        else
            Planner.Complete((PlannedRequest.Backfill)request, page, review, stored, published);
    }

    private HashSet<string> Publish(InfoReview review, string kind)
    {
        var published = review.Observed.Select(post => post.Id).Concat(review.Removed.Select(post => post.Id)).Where(Delivers).ToHashSet();
        Refreshed.AddRange(review.Observed.Where(post => published.Contains(post.Id)).Select(post => (post.Id, Now, kind)));
        Gone.AddRange(review.Removed.Where(post => published.Contains(post.Id)));
        return published;
    }

    private DateTimeOffset? LastObserved(string id) =>
        Refreshed.Where(refresh => refresh.Id == id).Select(refresh => (DateTimeOffset?)refresh.At).LastOrDefault();

    private RedditAnswer.Page Page(RedditListing listing) => new(listing) { ArrivedAt = Now };

    private RequestPlanner NewPlanner() => new(_options, _requestsPerMinute, Time, new Random(1));

    private static string Describe(PlannedRequest request) => request switch
    {
        PlannedRequest.Poll { After: null } poll => $"poll {string.Join('+', poll.Subreddits)}",
        PlannedRequest.Poll poll => $"poll {string.Join('+', poll.Subreddits)}>{poll.After}",
        PlannedRequest.Refresh refresh => $"refresh {refresh.Ids.Count}",
        PlannedRequest.Backfill backfill => $"backfill {backfill.Subreddit.Name}",
        PlannedRequest.Sweep sweep => $"sweep {sweep.Posts.Count}",
        _ => "?",
    };
}
