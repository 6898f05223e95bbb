using CsCheck;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Tests.Ingestion;

/// <summary>How subreddits are packed into listings, and found out when something is wrong with one.</summary>
public sealed class PollScheduleTests
{
    private readonly PlannerDriver _driver = new();

    [Fact]
    public void An_address_stays_below_two_thousand_characters_however_many_subreddits_there_are()
    {
        Gen.Int[2, 50].Array[1, 1_000].Sample(lengths =>
        {
            var schedule = new PollSchedule(new IngestionOptions(), new Cadence(new IngestionOptions()));
            schedule.Configure([.. lengths.Select((length, i) => new SubredditConfig($"{i}".PadLeft(length, 'x'), "slow", null))], DateTimeOffset.UnixEpoch);
            schedule.Next(DateTimeOffset.UnixEpoch);

            Assert.All(schedule.Groups, group => Assert.True(Length(group) <= 1_800));
            Assert.Equal(schedule.Subreddits.Count, schedule.Groups.SelectMany(group => group.Members).Distinct().Count());
            // None is wasted: two listings that fit into one would be one.
            var lightest = schedule.Groups.Select(group => Length(group)).Order().Take(2).ToList();
            Assert.True(
                lightest.Count < 2 || lightest.Sum() > 1_700
                || schedule.Groups.Sum(group => group.Members.Sum(member => member.ExpectedPerRound)) > 30);
        }, iter: 50);
    }

    [Fact]
    public void Busy_subreddits_come_to_have_listings_with_few_others_so_that_a_page_is_rarely_full()
    {
        _driver.Configure([.. Enumerable.Range(0, 20).Select(i => ($"s{i:D2}", "fast"))]);
        for (var minute = 0; minute < 60; minute++)
        {
            // 210 posts a minute, of which s00 has 90.
            for (var i = 0; i < 20; i++)
                _driver.Post($"s{i:D2}", i == 0 ? 90 : i < 5 ? 20 : 2);
            if (minute == 40)
                _driver.Requests.Clear();
            _driver.RunFor(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(60 * (90 + 80 + 30), _driver.Raw.Count);
        var followers = _driver.Polls.Count(poll => poll.Contains('>', StringComparison.Ordinal) && !poll.StartsWith("poll s00", StringComparison.Ordinal));
        Assert.InRange(followers, 0, 10);
        Assert.InRange(_driver.Polls.Count(), 20 * 4, 20 * 8);
    }

    [Fact]
    public void A_quiet_list_of_subreddits_costs_one_request_a_round()
    {
        _driver.Configure([.. Enumerable.Range(0, 100).Select(i => ($"sub{i:D3}", "fast"))]);
        for (var minute = 0; minute < 40; minute++)
        {
            for (var i = 0; i < 30; i++)
                _driver.Post($"sub{(minute * 30 + i) % 100:D3}", 1);
            _driver.RunFor(TimeSpan.FromMinutes(1));
            if (minute == 19)
                _driver.Requests.Clear();
        }

        Assert.InRange(_driver.Polls.Count(), 19, 26);
        _driver.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal(1_200, _driver.Raw.Count);
    }

    [Fact]
    public void An_overfull_listing_is_split_at_once()
    {
        _driver.Configure([.. Enumerable.Range(0, 10).Select(i => ($"s{i}", "fast"))]);
        for (var i = 0; i < 10; i++)
            _driver.Post($"s{i}", 5);
        _driver.RunFor(TimeSpan.FromMinutes(3));
        Assert.Single(_driver.Planner.Listings);
        for (var i = 0; i < 10; i++)
            _driver.Post($"s{i}", 20);

        _driver.RunFor(TimeSpan.FromSeconds(61));

        Assert.Equal(2, _driver.Planner.Listings.Count);
        Assert.Equal(250, _driver.Raw.Count);
    }

    [Fact]
    public void A_member_that_a_listing_no_longer_shows_is_asked_for_alone_and_tells_why()
    {
        _driver.Configure(("a", "fast"), ("b", "fast"), ("c", "fast"));
        Minutes(60, "a", "b", "c");
        // Reddit leaves a banned member out without a word.
        foreach (var post in _driver.Reddit.Posts.Where(post => post.Subreddit == "c").ToList())
            _driver.Reddit.Remove(post.Id, _driver.Now);
        _driver.Fault = request => request is PlannedRequest.Poll { Subreddits: ["c"] } ? new RedditAnswer.Refused(RefusalReason.Banned) : null;
        Minutes(60, "a", "b");

        Assert.Equal("banned", _driver.Planner.Find("c")!.Status);
        Assert.Equal("ok", _driver.Planner.Find("a")!.Status);
        Assert.InRange(_driver.Polls.Count(poll => poll.Contains("poll c@", StringComparison.Ordinal)), 1, 4);
    }

    [Fact]
    public void A_member_that_just_is_quiet_is_asked_for_alone_once_in_a_while()
    {
        _driver.Configure(("a", "fast"), ("b", "fast"));
        Minutes(24 * 60, "a");

        Assert.Equal("ok", _driver.Planner.Find("b")!.Status);
        Assert.InRange(_driver.Polls.Count(poll => poll.Contains("poll b@", StringComparison.Ordinal)), 2, 60);
    }

    [Fact]
    public void A_renamed_subreddit_says_its_new_name_and_its_posts_still_come()
    {
        _driver.Configure(("old", "fast"));
        _driver.Post("old", 1);
        _driver.RunFor(TimeSpan.FromMinutes(2));
        for (var i = 0; i < 100; i++)
            _driver.Reddit.Change("old0", post => post with { Subreddit = "New" });
        _driver.Fault = _ => null;
        // Reddit answers for the old name with the posts of the new one.
        var page = new RedditListing([.. _driver.Reddit.Posts], null, 0);
        var poll = Assert.IsType<PlannedRequest.Poll>(_driver.Next());
        var answer = new RedditAnswer.Page(page) { ArrivedAt = _driver.Now };
        _driver.Planner.Complete(poll, answer, _driver.Planner.Review(answer), new HashSet<string>(), new HashSet<string> { "old0" });

        var subreddit = _driver.Planner.Find("old")!;
        Assert.Equal(("renamed", "New"), (subreddit.Status, subreddit.TroubleDetail));
    }

    [Fact]
    public void Every_subreddit_is_on_one_shard_and_one_shard_more_moves_about_its_share()
    {
        var names = Enumerable.Range(0, 10_000).Select(i => $"Subreddit{i}").ToList();
        for (var shards = 1; shards < 8; shards++)
        {
            var before = names.ConvertAll(name => Shards.Of(name, shards));
            var after = names.ConvertAll(name => Shards.Of(name, shards + 1));

            var moved = names.Where((_, i) => before[i] != after[i]).Count();
            Assert.InRange(moved, 0.9 * names.Count / (shards + 1), 1.1 * names.Count / (shards + 1));
            // What moves, moves to the new shard.
            Assert.All(names.Select((_, i) => i).Where(i => before[i] != after[i]), i => Assert.Equal(shards, after[i]));
            Assert.All(after.CountBy(shard => shard), shard => Assert.InRange(shard.Value, 0.9 * names.Count / (shards + 1), 1.1 * names.Count / (shards + 1)));
        }

        Assert.All(names, name => Assert.Equal(Shards.Of(name, 5), Shards.Of(name.ToUpperInvariant(), 5)));
    }

    private static int Length(ListingGroup group) => string.Join('+', group.Members.Select(member => member.Name)).Length;

    private void Minutes(int minutes, params string[] subreddits)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            foreach (var name in subreddits)
                _driver.Post(name, 1);
            _driver.RunFor(TimeSpan.FromMinutes(1));
        }
    }
}
