using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

/// <summary>How far a listing is read, and what happens when it does not reach what is known.</summary>
public sealed class PollRoundTests
{
    private readonly PlannerDriver _driver = new();

    [Fact]
    public void A_page_that_shows_nothing_known_is_followed_by_the_next_until_one_does()
    {
        _driver.Configure(("a", "fast"), ("b", "fast"));
        _driver.Post("a", 50);
        _driver.RunFor(TimeSpan.FromMinutes(5));
        _driver.Post("a", 250);
        _driver.Post("b", 10);

        _driver.RunFor(TimeSpan.FromSeconds(70));

        Assert.Equal(310, _driver.Raw.Count);
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void A_post_that_was_seen_just_now_does_not_end_the_search()
    {
        // A cache: the last round's answer did not have what stood below the newest post already.
        _driver.Configure(("a", "fast"), ("b", "medium"));
        _driver.Post("a", 5);
        _driver.RunFor(TimeSpan.FromMinutes(6));
        _driver.Post("a", 1);
        _driver.RunFor(TimeSpan.FromSeconds(60));
        var young = _driver.Reddit.Posts.Last(post => post.Subreddit == "a").Id;
        Assert.True(_driver.Raw.ContainsKey(young));
        _driver.Post("a", 150);

        _driver.RunFor(TimeSpan.FromSeconds(61));

        // Below the young post there are the old ones; it is at place 151, so the second page was read.
        Assert.Equal(156, _driver.Raw.Count);
    }

    [Fact]
    public void Everything_since_the_start_is_found_although_the_subreddits_are_new()
    {
        _driver.Post("a", 150);
        _driver.Time.Advance(TimeSpan.FromMinutes(1));
        _driver.Configure(("a", "fast"), ("b", "fast"));
        _driver.Time.Advance(TimeSpan.FromSeconds(2));
        _driver.Post("a", 350);

        for (var i = 0; i < 4; i++)
            _driver.Answer(_driver.Next());

        // The last page reaches back over the start.
        Assert.Equal(400, _driver.Raw.Count);
        Assert.All(_driver.Requests, request => Assert.StartsWith("poll", request, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_new_subreddit_had_before_is_backfilled_to_the_end_of_its_listing_behind_everything_else()
    {
        _driver.Post("a", 1_200);
        _driver.Time.Advance(TimeSpan.FromMinutes(1));
        _driver.Configure(("a", "slow"), ("b", "slow"));

        _driver.RunFor(TimeSpan.FromSeconds(30));

        Assert.Equal(["poll a+b@60"], _driver.Polls);
        Assert.Equal(10, _driver.Requests.Count(request => request.StartsWith("backfill a@", StringComparison.Ordinal)));
        Assert.Equal(1_000, _driver.Raw.Count);
        Assert.All(_driver.Planner.Subreddits, subreddit => Assert.NotNull(subreddit.BackfilledAt));
        // The first page was the poll's.
        Assert.Equal(900, _driver.Planner.Find("a")!.BackfilledPosts);
    }

    [Fact]
    public void After_a_restart_a_page_with_one_stored_post_does_not_end_the_search()
    {
        _driver.Configure(("a", "fast"), ("b", "fast"));
        _driver.Post("a", 350);
        _driver.Post("b", 20);
        _driver.RunFor(TimeSpan.FromMinutes(1));
        var lost = _driver.Raw.Keys.Where(id => id[0] == 'a' && int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture) is > 100 and < 300)
            .Where(id => !id.EndsWith('7')).ToHashSet();

        _driver.Restart(id => !lost.Contains(id), ("a", "fast"), ("b", "fast"));
        _driver.RunFor(TimeSpan.FromSeconds(50));

        Assert.All(lost, id => Assert.Equal(2, _driver.Raw[id]));
        Assert.All(_driver.Raw.Where(post => !lost.Contains(post.Key)), post => Assert.Equal(1, post.Value));
    }

    [Fact]
    public void After_a_restart_in_the_middle_of_a_round_what_it_had_found_does_not_end_the_search()
    {
        _driver.Configure(("a", "fast"));
        _driver.Post("a", 5);
        _driver.RunFor(TimeSpan.FromMinutes(3));
        var poll = Assert.IsType<PlannedRequest.Poll>(_driver.Next());
        _driver.Post("a", 150);
        _driver.Answer(poll);
        Assert.Equal(105, _driver.Raw.Count);

        _driver.Restart(null, ("a", "fast"));
        // The first answer is older than the round: it shows nothing but what had been known before.
        _driver.Staleness = _ => TimeSpan.FromSeconds(30);
        _driver.Answer(_driver.Next());
        _driver.Staleness = _ => TimeSpan.Zero;
        _driver.RunFor(TimeSpan.FromMinutes(2));

        Assert.Equal(155, _driver.Raw.Count);
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void What_a_shared_listing_is_too_short_for_is_read_alone()
    {
        _driver.Configure(("a", "fast"), ("b", "fast"), ("c", "fast"));
        foreach (var name in (string[])["a", "b", "c"])
            _driver.Post(name, 10);
        _driver.RunFor(TimeSpan.FromMinutes(5));
        // Reddit is away for a while.
        _driver.Fault = _ => new RedditAnswer.Failed("network", null);
        _driver.RunFor(TimeSpan.FromMinutes(20));
        foreach (var name in (string[])["a", "b", "c"])
            _driver.Post(name, 700);

        _driver.Fault = _ => null;
        _driver.RunFor(TimeSpan.FromMinutes(10));

        Assert.Equal(2_130, _driver.Raw.Count);
        Assert.Empty(_driver.Gaps);
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void More_new_posts_than_a_listing_holds_are_a_gap_with_its_subreddit_and_span()
    {
        _driver.Configure(("a", "fast"), ("b", "fast"));
        _driver.Post("a", 10);
        _driver.Post("b", 10);
        _driver.RunFor(TimeSpan.FromMinutes(5));
        var lastRound = _driver.Planner.Find("a")!.CoveredAt!.Value;
        _driver.Post("a", 1_500);
        var posted = _driver.Now;

        _driver.RunFor(TimeSpan.FromSeconds(90));

        var gap = Assert.Single(_driver.Gaps);
        Assert.Equal(("a", 1_000), (gap.Subreddit, gap.Posts));
        Assert.Equal((lastRound, posted), (gap.From, gap.To));
        Assert.Equal(1_020, _driver.Raw.Count);
        Assert.Equal(1, _driver.Planner.Find("a")!.Gaps);
    }

    [Fact]
    public void An_anchor_that_has_left_the_listing_makes_the_round_begin_again()
    {
        _driver.Configure(("a", "fast"));
        _driver.Post("a", 50);
        _driver.RunFor(TimeSpan.FromMinutes(5));
        _driver.Post("a", 250);
        var first = _driver.Next();
        _driver.Answer(first);
        var second = Assert.IsType<PlannedRequest.Poll>(_driver.Next());
        Assert.NotNull(second.After);

        _driver.Reddit.Remove(second.After[3..], _driver.Now);
        _driver.Answer(second);
        _driver.RunFor(TimeSpan.FromSeconds(30));

        Assert.Equal(300, _driver.Raw.Count);
        Assert.Empty(_driver.Gaps);
    }

    [Fact]
    public void Late_approved_posts_are_found_and_do_not_end_the_search()
    {
        _driver.Configure(("a", "fast"), ("b", "fast"));
        _driver.Post("a", 50);
        _driver.RunFor(TimeSpan.FromMinutes(10));
        _driver.Post("a", 120);
        for (var i = 0; i < 5; i++)
            _driver.Reddit.Add("b", $"late{i}", _driver.Now, TimeSpan.FromHours(5));

        _driver.RunFor(TimeSpan.FromSeconds(61));

        Assert.Equal(175, _driver.Raw.Count);
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void A_post_that_Kafka_did_not_take_is_published_by_the_next_poll()
    {
        _driver.Configure(("a", "fast"));
        _driver.Post("a", 3);
        _driver.Delivers = id => id == "a1";
        _driver.Answer(_driver.Next());
        Assert.Equal(["a1"], _driver.Raw.Keys);

        _driver.Delivers = _ => true;
        _driver.RunFor(TimeSpan.FromSeconds(30));

        Assert.Equal(["a0", "a1", "a2"], _driver.Raw.Keys.Order());
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Old_posts_of_a_slow_subreddit_stay_known_though_they_are_no_longer_tracked()
    {
        _driver.Configure(("a", "slow"));
        _driver.Post("a", 25);

        _driver.RunFor(TimeSpan.FromHours(72));

        Assert.Equal(25, _driver.Raw.Count);
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
        Assert.Equal(0, _driver.Planner.Tracked);
    }

    [Fact]
    public void After_a_restart_stored_posts_are_not_new_and_nothing_is_refreshed_twice()
    {
        _driver.Configure(("a", "slow"));
        _driver.Post("a", 150);
        _driver.RunFor(TimeSpan.FromMinutes(4));
        _driver.Restart(null, ("a", "slow"));
        _driver.Refreshed.Clear();
        _driver.Requests.Clear();
        _driver.Post("a", 120);

        _driver.RunFor(TimeSpan.FromMinutes(2));

        Assert.Equal(270, _driver.Raw.Count);
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
        // Three pages show the 120 new and the 150 known posts, which is an observation of these: nothing need be asked for when it is due.
        Assert.Equal(150, _driver.Refreshed.Count);
        Assert.All(_driver.Refreshed, refresh => Assert.Equal("poll", refresh.Kind));
        Assert.Distinct(_driver.Refreshed.Select(refresh => refresh.Id));
    }
}
