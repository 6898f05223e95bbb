using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Ingestion;

namespace SignalFlow.Tests.Ingestion;

/// <summary>How ingestion finds out that a post has been deleted, and how soon.</summary>
public sealed class RemovalTests
{
    private readonly PlannerDriver _driver = new(new IngestionOptions { RefreshPreset = "early" });

    [Theory]
    [InlineData("deleted", "t", "x", "deleted")]
    [InlineData("moderator", "t", "[removed]", "moderator")]
    [InlineData(null, "t", "[removed]", "deleted")]
    [InlineData(null, "t", "[deleted]", "deleted")]
    [InlineData(null, "[deleted by user]", "", "deleted")]
    [InlineData(null, "[ Removed by Reddit ]", null, "deleted")]
    [InlineData(null, "[removed] from my house", "[deleted] scenes", null)]
    [InlineData(null, "", null, null)]
    [InlineData("", "t", null, null)]
    public void Reddit_says_so_in_a_category_or_in_the_texts(string? category, string? title, string? text, string? removedBy) =>
        Assert.Equal(removedBy, Removal.Of(category, title, text));

    [Fact]
    public void The_message_of_a_removal_holds_no_content_whatever_the_answer_still_showed()
    {
        var post = new RedditPost
        {
            Id = "a",
            Title = "secret title",
            Subreddit = "s",
            CreatedUtc = 1_772_692_200,
            Score = 7,
            NumComments = 3,
            Selftext = "secret text",
            Author = "secret author",
            Url = "https://secret",
            Permalink = "/secret",
            Flair = "secret flair",
            RemovedBy = "moderator",
        };

        var message = post.ToObservation(DateTimeOffset.UnixEpoch.AddSeconds(1_772_692_300), new Cadence(new IngestionOptions()));

        Assert.Equal(("[deleted]", "moderator", 7, 3), (message.Title, message.RemovedByCategory, message.Score, message.NumComments));
        Assert.DoesNotContain("secret", message.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_removed_post_is_told_within_one_refresh_and_not_looked_at_again()
    {
        Follow(10);
        _driver.Reddit.Remove("a3", _driver.Now);
        _driver.Reddit.Change("a3", post => post with { RemovedBy = "deleted", Score = 9, NumComments = 4 });

        _driver.RunFor(TimeSpan.FromMinutes(4));

        var gone = Assert.Single(_driver.Gone);
        Assert.Equal(("a3", "deleted", 9, 4), (gone.Id, gone.Reason, gone.Score, gone.Comments));
        Assert.Equal(9, _driver.Planner.Tracked);
        _driver.RunFor(TimeSpan.FromHours(2));
        Assert.Single(_driver.Gone);
    }

    [Fact]
    public void A_post_that_two_successive_refreshes_leave_out_is_gone_with_its_last_counters()
    {
        Follow(10);
        _driver.Reddit.Change("a3", post => post with { Score = 70 });
        _driver.RunFor(TimeSpan.FromMinutes(4));
        _driver.Reddit.Remove("a3", _driver.Now, forget: true);

        _driver.RunFor(TimeSpan.FromMinutes(3.5));
        Assert.Empty(_driver.Gone);
        _driver.RunFor(TimeSpan.FromMinutes(3.5));

        var gone = Assert.Single(_driver.Gone);
        Assert.Equal(("a3", "a", "absent", 70), (gone.Id, gone.Subreddit, gone.Reason, gone.Score));
    }

    [Fact]
    public void A_removal_that_Kafka_did_not_take_is_told_again()
    {
        Follow(3);
        _driver.Reddit.Change("a1", post => post with { RemovedBy = "moderator" });
        _driver.Reddit.Remove("a2", _driver.Now, forget: true);
        _driver.Delivers = id => id == "a0";
        _driver.RunFor(TimeSpan.FromMinutes(20));
        Assert.Empty(_driver.Gone);

        _driver.Delivers = _ => true;
        _driver.RunFor(TimeSpan.FromMinutes(8));

        Assert.Equal(["a1", "a2"], _driver.Gone.Select(gone => gone.Id).Order());
    }

    [Fact]
    public void An_outage_that_looks_like_the_deletion_of_everything_deletes_nothing()
    {
        Follow(40);
        var posts = _driver.Reddit.Posts.ToList();
        foreach (var post in posts)
            _driver.Reddit.Remove(post.Id, _driver.Now, forget: true);
        _driver.RunFor(TimeSpan.FromMinutes(20));
        Assert.Empty(_driver.Gone);

        foreach (var post in posts)
            _driver.Reddit.Add("a", post.Id, post.CreatedAt);
        _driver.RunFor(TimeSpan.FromHours(1));

        Assert.Empty(_driver.Gone);
        Assert.Equal(40, _driver.Planner.Tracked);
    }

    [Fact]
    public void But_when_it_lasts_it_is_believed()
    {
        Follow(40);
        foreach (var post in _driver.Reddit.Posts.ToList())
            _driver.Reddit.Remove(post.Id, _driver.Now, forget: true);

        _driver.RunFor(TimeSpan.FromHours(2));

        Assert.Equal(40, _driver.Gone.Count);
    }

    [Fact]
    public void A_removed_post_that_a_listing_shows_is_told_too()
    {
        Follow(3);
        _driver.Reddit.Change("a1", post => post with { RemovedBy = "deleted" });

        _driver.RunFor(TimeSpan.FromSeconds(61));

        Assert.Equal("a1", Assert.Single(_driver.Gone).Id);
    }

    [Fact]
    public void A_post_that_is_removed_when_it_is_first_seen_is_known_but_not_followed()
    {
        _driver.Configure(("a", "fast"));
        _driver.Post("a", 2);
        _driver.Reddit.Change("a1", post => post with { RemovedBy = "deleted" });

        _driver.RunFor(TimeSpan.FromMinutes(10));

        Assert.Equal(1, _driver.Planner.Tracked);
        Assert.All(_driver.Raw.Values, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Old_posts_are_swept_in_passes_with_the_quota_that_is_left()
    {
        var old = Enumerable.Range(0, 450).Select(i => $"o{i}").ToList();
        foreach (var id in old)
            _driver.Reddit.Add("elsewhere", id, _driver.Now.AddDays(-3));
        _driver.Reddit.Change("o7", post => post with { RemovedBy = "moderator" });
        _driver.Reddit.Remove("o301", _driver.Now, forget: true);
        _driver.Configure(("a", "fast"));
        var load = _driver.Planner.OldPosts.TakeLoad(_driver.Now)!;
        Assert.Equal((null, _driver.Now.AddDays(-1)), (load.After, load.CreatedBefore));
        Assert.Null(_driver.Planner.OldPosts.TakeLoad(_driver.Now));
        Offer(old);

        _driver.RunFor(TimeSpan.FromMinutes(1));
        Assert.Equal(5, _driver.Requests.Count(request => request.StartsWith("sweep", StringComparison.Ordinal)));
        Assert.Equal("moderator", Assert.Single(_driver.Gone).Reason);
        Assert.Equal("o449", _driver.Planner.OldPosts.Progress.Position!.Id);

        // The one that was left out is asked for once more before it is believed.
        _driver.RunFor(TimeSpan.FromMinutes(6));
        Assert.Equal(["moderator", "absent"], _driver.Gone.Select(gone => gone.Reason));

        var startedAt = _driver.Planner.OldPosts.Progress.StartedAt;
        Assert.NotNull(_driver.Planner.OldPosts.TakeLoad(_driver.Now));
        _driver.Planner.OldPosts.Offer([], null);
        Assert.Equal(new SweepProgress(null, null, startedAt), _driver.Planner.OldPosts.Progress);
        Assert.Null(_driver.Planner.OldPosts.TakeLoad(startedAt!.Value.AddHours(23)));
        Assert.NotNull(_driver.Planner.OldPosts.TakeLoad(startedAt.Value.AddHours(24)));
    }

    [Fact]
    public void A_sweep_that_fails_asks_for_the_same_posts_again_and_its_pass_still_ends()
    {
        var old = Enumerable.Range(0, 30).Select(i => $"o{i}").ToList();
        foreach (var id in old)
            _driver.Reddit.Add("elsewhere", id, _driver.Now.AddDays(-3));
        _driver.Reddit.Change("o7", post => post with { RemovedBy = "moderator" });
        _driver.Configure(("a", "fast"));
        _driver.Planner.OldPosts.TakeLoad(_driver.Now);
        Offer(old);
        _driver.Planner.OldPosts.TakeLoad(_driver.Now);
        _driver.Planner.OldPosts.Offer([], null);
        _driver.Fault = request => request is PlannedRequest.Sweep ? new RedditAnswer.Failed("server_error", null) : null;
        _driver.RunFor(TimeSpan.FromMinutes(2));
        Assert.Empty(_driver.Gone);

        _driver.Fault = _ => null;
        _driver.RunFor(TimeSpan.FromMinutes(6));

        Assert.Equal("o7", Assert.Single(_driver.Gone).Id);
        Assert.NotNull(_driver.Planner.OldPosts.Progress.CoveredAt);
    }

    [Fact]
    public void A_pass_waits_while_thousands_of_posts_are_asked_for_once_more()
    {
        _driver.Configure(("a", "fast"));
        Assert.NotNull(_driver.Planner.OldPosts.TakeLoad(_driver.Now));
        Offer([.. Enumerable.Range(0, 2_000).Select(i => $"o{i}")]);

        _driver.RunFor(TimeSpan.FromMinutes(25));
        Assert.Equal(2_000, _driver.Planner.OldPosts.Missing);
        Assert.Empty(_driver.Gone);
        Assert.Null(_driver.Planner.OldPosts.TakeLoad(_driver.Now));

        _driver.RunFor(TimeSpan.FromMinutes(15));
        Assert.Equal(2_000, _driver.Gone.Count);
        Assert.NotNull(_driver.Planner.OldPosts.TakeLoad(_driver.Now));
    }

    [Fact]
    public void A_pass_goes_on_where_the_last_run_stopped()
    {
        var position = new SweepCursor(_driver.Now.AddDays(-5), "x");
        _driver.Planner.Restore(IngestionState.Empty with { Sweep = new SweepProgress(position, _driver.Now.AddHours(-30), null) });

        Assert.Equal(position, _driver.Planner.OldPosts.TakeLoad(_driver.Now)!.After);
    }

    private void Follow(int posts)
    {
        _driver.Configure(("a", "fast"));
        _driver.Post("a", posts);
        _driver.RunFor(TimeSpan.FromSeconds(5));
        // Out of the listing's first page, so that only refreshes see them.
        _driver.Configure();
        _driver.RunFor(TimeSpan.FromSeconds(1));
        if (posts == 3)
            _driver.Configure(("a", "fast"));
    }

    private void Offer(List<string> ids) => _driver.Planner.OldPosts.Offer(
        [.. ids.Select(id => new OldPost(id, "elsewhere", _driver.Now.AddDays(-3), 1, 0))], new SweepCursor(_driver.Now.AddDays(-3), ids[^1]));
}
