using CsCheck;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Tests.Web;

public sealed class PostFeedTests
{
    private readonly FakeTimeProvider _time = new(Posts.Now);

    [Fact]
    public void Any_order_and_repetition_of_updates_ends_in_the_same_state()
    {
        var update = Gen.Select(
            Gen.Int[0, 40], Gen.Int[0, 5], Gen.Int[0, 9], (number, polls, fate) => fate == 0 ? Posts.Purged(number, polls) : Posts.Post(number, polls));
        var updates = update.Array[1, 120];
        Gen.Select(updates, Gen.Int[0, int.MaxValue], Gen.Int[1, 7]).Sample((arrived, seed, batch) =>
        {
            using var inOrder = new PostFeed(_time);
            foreach (var post in arrived)
                inOrder.Apply([post]);

            var random = new Random(seed);
            PostView[] shuffled = [.. arrived, .. arrived];
            random.Shuffle(shuffled);
            using var disordered = new PostFeed(_time);
            foreach (var chunk in shuffled.Chunk(batch))
                disordered.Apply(chunk);

            Assert.Equal(inOrder.Posts, disordered.Posts);
            Assert.Equal(
                arrived.GroupBy(post => post.Id).Where(group => !group.Any(post => post.Purged)).Select(group => group.Max(post => post.CurrentScore)).Order(),
                disordered.Posts.Select(post => post.CurrentScore).Order());
        }, iter: 300);
    }

    [Fact]
    public void The_cap_keeps_the_newest_posts_in_whatever_order_they_come()
    {
        var posts = Posts.Range(1, PostFeed.Capacity + 250);
        using var feed = new PostFeed(_time);
        new Random(5).Shuffle(posts);

        feed.Apply(posts);
        // One that was pushed out is polled again: still older than all that are kept.
        feed.Apply([Posts.Post(1, polls: 9)]);

        Assert.Equal(Enumerable.Range(251, PostFeed.Capacity).Reverse().Select(number => $"p{number:D5}"), feed.Posts.Select(post => post.Id));
    }

    [Fact]
    public void A_purged_post_is_gone_at_once_and_for_good()
    {
        using var feed = new PostFeed(_time);
        feed.Apply(Posts.Range(1, 3));
        Assert.Equal(3, feed.Posts.Length);

        // As old as what the feed holds: an absent post has no new observation.
        feed.Apply([Posts.Purged(2)]);
        feed.Apply([Posts.Post(2, polls: 9)]);

        Assert.Equal(["p00003", "p00001"], feed.Posts.Select(post => post.Id));
        Assert.Equal(["p00002"], feed.Purged);
    }

    [Theory]
    [InlineData(false, "p00004,p00002,p00001")]
    [InlineData(true, "p00004,p00002")]
    public void What_is_missing_from_a_list_was_purged_but_what_is_older_than_all_of_it_only_where_it_ends(bool complete, string left)
    {
        using var feed = new PostFeed(_time);
        feed.Apply(Posts.Range(1, 4));

        feed.DropUnlisted(feed.Posts, [Posts.Post(4), Posts.Post(2)], complete);

        Assert.Equal(left, string.Join(',', feed.Posts.Select(post => post.Id)));
    }

    [Fact]
    public void A_purged_post_that_is_pushed_out_is_forgotten_and_too_old_to_come_back()
    {
        using var feed = new PostFeed(_time);
        feed.Apply([Posts.Purged(1), .. Posts.Range(2, PostFeed.Capacity + 1)]);
        Assert.Empty(feed.Purged);

        feed.Apply([Posts.Post(1, polls: 9)]);

        Assert.DoesNotContain(feed.Posts, post => post.Id == "p00001");
    }

    [Fact]
    public void An_older_poll_changes_nothing()
    {
        using var feed = new PostFeed(_time);
        feed.Apply([Posts.Post(1, polls: 5)]);
        feed.Apply([Posts.Post(1, polls: 4)]);
        Assert.Equal(105, Assert.Single(feed.Posts).CurrentScore);
    }

    [Fact]
    public void Many_updates_within_one_pulse_are_told_once()
    {
        using var feed = new PostFeed(_time);
        var calls = 0;
        using var subscription = feed.OnChanged(() => Count(ref calls));

        foreach (var post in Posts.Range(1, 50))
            feed.Apply([post]);
        Assert.Equal(0, calls);

        _time.Advance(PostFeed.PulseInterval);
        Assert.Equal(1, calls);
        _time.Advance(PostFeed.PulseInterval);
        Assert.Equal(1, calls);
    }

    [Fact]
    public void Without_changes_a_heartbeat_comes_about_once_a_second()
    {
        using var feed = new PostFeed(_time);
        var calls = 0;
        using var subscription = feed.OnChanged(() => Count(ref calls));
        for (var pulse = 0; pulse < 30; pulse++)
            _time.Advance(PostFeed.PulseInterval);
        Assert.InRange(calls, 9, 11);
    }

    [Fact]
    public void A_subscriber_that_is_busy_is_passed_over_and_told_afterwards()
    {
        using var feed = new PostFeed(_time);
        var calls = 0;
        var busy = new TaskCompletionSource();
        using var subscription = feed.OnChanged(() =>
        {
            calls++;
            return busy.Task;
        });

        feed.Apply([Posts.Post(1)]);
        _time.Advance(PostFeed.PulseInterval);
        feed.Apply([Posts.Post(2)]);
        _time.Advance(PostFeed.PulseInterval * 3);
        Assert.Equal(1, calls);

        busy.SetResult();
        _time.Advance(PostFeed.PulseInterval);
        Assert.Equal(2, calls);
    }

    [Fact]
    public void A_disposed_subscription_hears_nothing_more()
    {
        using var feed = new PostFeed(_time);
        var (left, stayed) = (0, 0);
        var subscription = feed.OnChanged(() => Count(ref left));
        using var other = feed.OnChanged(() => Count(ref stayed));

        subscription.Dispose();
        feed.Apply([Posts.Post(1)]);
        _time.Advance(PostFeed.PulseInterval);

        Assert.Equal((0, 1), (left, stayed));
    }

    [Fact]
    public void The_newest_poll_of_any_post_tells_how_fresh_the_feed_is()
    {
        using var feed = new PostFeed(_time);
        Assert.Null(feed.LastPolledAt);
        feed.Apply([Posts.Post(3, polls: 40), Posts.Post(2)]);
        Assert.Equal(Posts.Post(3, polls: 40).LastPolledAt, feed.LastPolledAt);
    }

    private static Task Count(ref int calls)
    {
        calls++;
        return Task.CompletedTask;
    }
}
