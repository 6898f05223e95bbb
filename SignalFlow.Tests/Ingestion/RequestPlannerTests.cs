using CsCheck;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Tests.Ingestion;

public sealed class RequestPlannerTests
{
    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly Dictionary<string, SimulatedListing> _listings = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> _published = [];

    [Fact]
    public void The_first_round_begins_at_once_with_the_fast_tier_and_keeps_to_the_quota()
    {
        var planner = Planner();
        planner.Configure([new("a", "slow", null), new("b", "fast", null), new("c", "medium", null)]);

        Assert.Equal(["b@0", "c@1", "a@2"], RunFor(planner, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Each_subreddit_is_polled_by_its_tier_and_its_own_interval_wins()
    {
        var planner = Planner();
        planner.Configure([new("a", "slow", null), new("b", "fast", null), new("c", "medium", null), new("d", "slow", 30)]);

        var polls = RunFor(planner, TimeSpan.FromHours(1)).GroupBy(poll => poll[0]).ToDictionary(group => group.Key, group => group.Count());

        // The second round comes early by up to half an interval, once.
        Assert.InRange(polls['a'], 6, 7);
        Assert.InRange(polls['b'], 60, 61);
        Assert.InRange(polls['c'], 20, 21);
        Assert.InRange(polls['d'], 120, 121);
    }

    [Fact]
    public void When_polls_alone_exceed_the_quota_every_tenth_request_is_an_overdue_refresh()
    {
        var planner = Planner();
        planner.Configure([.. Enumerable.Range(0, 200).Select(i => new SubredditConfig($"s{i}", "fast", null))]);
        planner.Restore(Enumerable.Range(0, 5_000).Select(i => new TrackedPost($"p{i}", "s1", _time.GetUtcNow(), _time.GetUtcNow())), ["s1"]);

        var requests = RunFor(planner, TimeSpan.FromMinutes(15)).Skip(600).Take(200).ToList();

        Assert.Equal(20, requests.Count(request => request.StartsWith("refresh 100@", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_removed_subreddit_is_left_alone_an_added_one_begins_and_the_others_go_on()
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null), new("b", "fast", null)]);
        RunFor(planner, TimeSpan.FromMinutes(3));
        var underWay = Next(planner);

        Assert.Equal((1, 1), planner.Configure([new("B", "fast", null), new("c", "fast", null)]));
        Answer(planner, underWay);
        var polls = RunFor(planner, TimeSpan.FromMinutes(10)).Select(poll => poll[..1].ToUpperInvariant()).ToList();

        Assert.DoesNotContain("A", polls);
        Assert.InRange(polls.Count(poll => poll == "B"), 9, 11);
        Assert.InRange(polls.Count(poll => poll == "C"), 10, 11);
    }

    [Fact]
    public void A_refused_subreddit_backs_off_alone_and_is_news_once()
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null), new("b", "fast", null)]);
        var news = 0;
        var polls = RunFor(planner, TimeSpan.FromHours(1), poll =>
        {
            if (poll.Subreddit != "a")
                return true;
            news += planner.Fail(poll, new RedditAnswer.Refused(RefusalReason.Private)).News ? 1 : 0;
            return false;
        });

        Assert.Equal(1, news);
        Assert.InRange(polls.Count(poll => poll[0] == 'a'), 2, 4);
        Assert.InRange(polls.Count(poll => poll[0] == 'b'), 60, 61);
    }

    [Fact]
    public void A_429_pauses_everything_for_the_seconds_that_Retry_After_names()
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null), new("b", "fast", null)]);
        var poll = Next(planner);

        var setback = planner.Fail(poll, new RedditAnswer.Throttled(TimeSpan.FromSeconds(40)));

        Assert.Equal(new Setback(TimeSpan.FromSeconds(40), News: true), setback);
        Assert.Equal(new Plan(null, _time.GetUtcNow().AddSeconds(40)), planner.Next());
    }

    [Fact]
    public void After_a_refused_token_the_same_page_is_asked_for_in_the_next_slot()
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null)]);
        var poll = Next(planner);

        planner.Fail(poll, new RedditAnswer.Unauthorized());

        Assert.Equal(_time.GetUtcNow().AddSeconds(1), planner.Next().At);
        Assert.Equal(poll, Next(planner));
    }

    [Fact]
    public void A_page_that_shows_nothing_known_is_followed_by_the_next_until_one_does()
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null)]);
        Post("a", 50);
        RunFor(planner, TimeSpan.FromSeconds(1));
        Post("a", 250);

        RunFor(planner, TimeSpan.FromSeconds(70));

        Assert.Equal(300, _published.Count);
        Assert.All(_published.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Everything_since_the_start_is_found_although_the_subreddit_is_new()
    {
        Post("a", 150);
        _time.Advance(TimeSpan.FromMinutes(1));
        var planner = Planner();
        planner.Configure([new("a", "fast", null)]);
        Post("a", 350);

        RunFor(planner, TimeSpan.FromSeconds(50));

        // The last page reaches back over the start.
        Assert.Equal(400, _published.Count);
    }

    [Fact]
    public void After_a_restart_a_page_with_one_stored_post_does_not_end_the_search()
    {
        Post("a", 350);
        var now = _time.GetUtcNow();
        var stored = _listings["a"].Posts.Where((_, index) => index % 50 == 0 || index >= 250).ToList();
        _time.Advance(TimeSpan.FromMinutes(1));
        var planner = Planner();
        planner.Configure([new("a", "fast", null)]);
        planner.Restore(stored.Select(post => new TrackedPost(post.Id, "a", post.CreatedAt, now)), ["a"]);

        RunFor(planner, TimeSpan.FromSeconds(50));

        Assert.All(_listings["a"].Posts.Except(stored), post => Assert.True(_published.ContainsKey(post.Id), post.Id));
    }

    [Fact]
    public void The_first_page_of_a_new_subreddit_is_enough()
    {
        Post("a", 500);
        _time.Advance(TimeSpan.FromMinutes(1));
        var planner = Planner();
        planner.Configure([new("a", "slow", null)]);

        Assert.Single(RunFor(planner, TimeSpan.FromSeconds(60)));
        Assert.Equal(100, _published.Count);
    }

    [Fact]
    public void More_new_posts_than_a_listing_holds_are_a_gap()
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null)]);
        Post("a", 10);
        RunFor(planner, TimeSpan.FromSeconds(1));
        Post("a", 1_500);
        var gaps = new List<PollGap>();

        RunFor(planner, TimeSpan.FromSeconds(80), completed: result => gaps.AddRange(result.Gap is { } gap ? [gap] : []));

        Assert.Equal(1_000, Assert.Single(gaps).Posts);
        Assert.Equal(1_010, _published.Count);
    }

    [Fact]
    public void A_post_that_Kafka_did_not_take_is_published_by_the_next_poll()
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null)]);
        Post("a", 3);
        var poll = Next(planner);
        var page = PageOf(poll);
        var review = planner.Review(poll, page.Listing);
        planner.Complete(poll, page, review, None, new HashSet<string> { "a-1" });

        var again = planner.Review(Next(planner), page.Listing);

        Assert.Equal(["a-2", "a-0"], again.Unseen.Select(post => post.Id));
        Assert.Equal(1, planner.Tracked);
    }

    [Fact]
    public void Old_posts_of_a_slow_subreddit_stay_known_though_they_are_no_longer_tracked()
    {
        var planner = Planner();
        planner.Configure([new("a", "slow", null)]);
        Post("a", 25);

        RunFor(planner, TimeSpan.FromHours(72));

        Assert.Equal(25, _published.Count);
        Assert.All(_published.Values, times => Assert.Equal(1, times));
        Assert.Equal(0, planner.Tracked);
    }

    [Fact]
    public void After_a_restart_stored_posts_are_not_new_and_keep_their_due_times()
    {
        var planner = Planner();
        planner.Configure([new("a", "slow", null)]);
        Post("a", 150);
        var now = _time.GetUtcNow();
        planner.Restore(_listings["a"].Posts.Select(post => new TrackedPost(post.Id, "A", post.CreatedAt, now.AddMinutes(-4))), ["A"]);
        Post("a", 120, firstId: 150);

        var requests = RunFor(planner, TimeSpan.FromMinutes(2));

        Assert.Equal(120, _published.Count);
        Assert.All(_published.Keys, id => Assert.True(int.Parse(id[2..], System.Globalization.CultureInfo.InvariantCulture) >= 150));
        Assert.Equal(["refresh 100@90", "refresh 50@91"], requests.Where(request => request.StartsWith("refresh", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_listed_post_is_published_exactly_once_whatever_fails_on_the_way()
    {
        var step = Gen.Select(Gen.Int[0, 300], Gen.Int[1, 300], Gen.Int[0, 9], Gen.Int[0, 99]);
        step.Array[1, 30].Sample(steps => new RequestPlannerTests().PublishesOnce(steps), iter: 150);
    }

    private void PublishesOnce((int NewPosts, int Seconds, int Fault, int Lost)[] steps)
    {
        var planner = Planner();
        planner.Configure([new("a", "fast", null), new("b", "medium", null)]);
        Post("a", 5);
        Post("b", 5);
        RunFor(planner, TimeSpan.FromSeconds(5));
        foreach (var (newPosts, seconds, fault, lost) in steps)
        {
            Post(newPosts % 2 == 0 ? "a" : "b", newPosts);
            RunFor(
                planner,
                TimeSpan.FromSeconds(seconds),
                poll => fault switch
                {
                    0 => Fails(planner, poll, new RedditAnswer.Failed("server_error", null)),
                    1 => Fails(planner, poll, new RedditAnswer.Throttled(null)),
                    2 => Fails(planner, poll, new RedditAnswer.Unauthorized()),
                    _ => true,
                },
                delivered: id => fault != 3 || id.GetHashCode(StringComparison.Ordinal) % 100 >= lost);
        }

        RunFor(planner, TimeSpan.FromMinutes(30));

        var listed = _listings.Values.SelectMany(listing => listing.Posts.Take(1_000)).Select(post => post.Id).ToHashSet();
        Assert.Empty(listed.Except(_published.Keys));
        Assert.All(_published, post => Assert.Equal(1, post.Value));

        static bool Fails(RequestPlanner planner, PlannedRequest.Poll poll, RedditAnswer answer)
        {
            planner.Fail(poll, answer);
            return false;
        }
    }

    private RequestPlanner Planner() => new(new IngestionOptions(), requestsPerMinute: 60, _time);

    private void Post(string subreddit, int count, int? firstId = null)
    {
        if (!_listings.TryGetValue(subreddit, out var listing))
            _listings.Add(subreddit, listing = new SimulatedListing(subreddit));
        var first = firstId ?? listing.Posts.Count;
        for (var i = first; i < first + count; i++)
            listing.Add($"{subreddit}-{i}", _time.GetUtcNow());
    }

    /// <summary>Lets time pass and answers what the planner asks, from the simulated listings.</summary>
    private List<string> RunFor(
        RequestPlanner planner,
        TimeSpan duration,
        Func<PlannedRequest.Poll, bool>? answered = null,
        Func<string, bool>? delivered = null,
        Action<PollResult>? completed = null)
    {
        var start = _time.GetUtcNow();
        var requests = new List<string>();
        while (true)
        {
            var plan = planner.Next();
            if (plan.Request is null)
            {
                if (plan.At > start + duration)
                    break;
                _time.SetUtcNow(plan.At);
                continue;
            }

            var at = $"@{(_time.GetUtcNow() - start).TotalSeconds:F0}";
            if (plan.Request is PlannedRequest.Poll poll)
            {
                requests.Add(poll.Subreddit + at);
                if (answered?.Invoke(poll) != false)
                {
                    var result = Answer(planner, poll, delivered);
                    completed?.Invoke(result);
                }
            }
            else if (plan.Request is PlannedRequest.Refresh refresh)
            {
                requests.Add($"refresh {refresh.Ids.Count}{at}");
                Answer(planner, refresh);
            }
        }

        _time.SetUtcNow(start + duration);
        return requests;
    }

    private PlannedRequest.Poll Next(RequestPlanner planner)
    {
        while (true)
        {
            var plan = planner.Next();
            if (plan.Request is PlannedRequest.Poll poll)
                return poll;
            _time.SetUtcNow(plan.At);
        }
    }

    private PollResult Answer(RequestPlanner planner, PlannedRequest.Poll poll, Func<string, bool>? delivered = null)
    {
        var page = PageOf(poll);
        var review = planner.Review(poll, page.Listing);
        var published = review.Unseen.Select(post => post.Id).Where(id => delivered?.Invoke(id) != false).ToHashSet();
        foreach (var id in published)
            _published[id] = _published.GetValueOrDefault(id) + 1;
        return planner.Complete(poll, page, review, None, published);
    }

    private void Answer(RequestPlanner planner, PlannedRequest.Refresh refresh)
    {
        var asked = refresh.Ids.ToHashSet();
        var posts = _listings.Values.SelectMany(listing => listing.Posts).Where(post => asked.Contains(post.Id)).ToList();
        planner.Complete(refresh, new RedditAnswer.Page(new RedditListing(posts, null, 0)) { ArrivedAt = _time.GetUtcNow() }, asked);
    }

    private RedditAnswer.Page PageOf(PlannedRequest.Poll poll) =>
        new(_listings.TryGetValue(poll.Subreddit, out var listing) ? listing.Page(poll.After) : new RedditListing([], null, 0))
        {
            ArrivedAt = _time.GetUtcNow(),
        };
}
