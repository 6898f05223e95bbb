using System.Collections.Immutable;
using CsCheck;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Tests.Web;

public sealed class FeedWindowTests
{
    private readonly FeedWindow _window = new();

    [Fact]
    public void More_than_the_cap_shows_the_newest_and_says_so()
    {
        _window.Show(NewestFirst(Posts.Range(1, FeedWindow.Capacity + 1)), FeedFilter.None, Posts.Now);
        Assert.Equal(FeedWindow.Capacity, _window.Rows.Count);
        Assert.Equal("p00501", _window.Rows[0].Id);
        Assert.True(_window.Truncated);

        _window.Show(NewestFirst(Posts.Range(1, FeedWindow.Capacity)), FeedFilter.None, Posts.Now);
        Assert.False(_window.Truncated);
    }

    [Fact]
    public void A_held_window_changes_figures_in_place_and_counts_what_is_new()
    {
        _window.Show(NewestFirst(Posts.Range(1, 3)), FeedFilter.None, Posts.Now);
        _window.Hold(NewestFirst([.. Posts.Range(1, 5), Posts.Post(2, polls: 8)]), [], FeedFilter.None);

        Assert.Equal(["p00003", "p00002", "p00001"], _window.Rows.Select(post => post.Id));
        Assert.Equal(108, _window.Rows[1].CurrentScore);
        Assert.Equal(2, _window.Waiting);
    }

    [Fact]
    public void A_purged_post_leaves_a_held_window_and_the_others_keep_their_order()
    {
        _window.Show(NewestFirst(Posts.Range(1, 4)), FeedFilter.None, Posts.Now);
        _window.Hold(NewestFirst([Posts.Post(1), Posts.Post(2, polls: 8), Posts.Post(4), Posts.Post(5)]), ["p00003"], FeedFilter.None);

        Assert.Equal(["p00004", "p00002", "p00001"], _window.Rows.Select(post => post.Id));
        Assert.Equal(108, _window.Rows[1].CurrentScore);
        Assert.Equal(1, _window.Waiting);
    }

    [Fact]
    public void Only_posts_that_pass_the_filter_wait()
    {
        var filter = new FeedFilter { MinScore = 105 };
        _window.Show([Posts.Post(1, polls: 5)], filter, Posts.Now);
        _window.Hold([Posts.Post(3), Posts.Post(2, polls: 6), Posts.Post(1)], [], filter);
        Assert.Equal(1, _window.Waiting);
        // Held rows stay, even when they no longer match.
        Assert.Equal(100, Assert.Single(_window.Rows).CurrentScore);
    }

    [Theory]
    [InlineData(FeedSort.Score, "b,c,a")]
    [InlineData(FeedSort.Comments, "a,c,b")]
    [InlineData(FeedSort.Velocity, "c,b,a")]
    [InlineData(FeedSort.Momentum, "c,b,a")]
    [InlineData(FeedSort.New, "c,a,b")]
    public void The_order_is_that_of_the_filter(string sort, string expected)
    {
        var old = Posts.Post(1) with { Id = "b", CurrentScore = 900, CurrentComments = 1, ScoreVelocity = 0.5, CreatedUtc = Posts.Now.AddHours(-10) };
        var talked = Posts.Post(2) with { Id = "a", CurrentScore = 3, CurrentComments = 80, ScoreVelocity = 0.1, CreatedUtc = Posts.Now.AddHours(-5) };
        var young = Posts.Post(3) with { Id = "c", CurrentScore = 300, CurrentComments = 9, ScoreVelocity = 2, CreatedUtc = Posts.Now.AddMinutes(-3) };

        _window.Show(NewestFirst([old, talked, young]), new() { Sort = sort }, Posts.Now);

        Assert.Equal(expected.Split(','), _window.Rows.Select(row => row.Id));
    }

    [Fact]
    public void Of_more_than_the_cap_the_highest_are_shown()
    {
        var posts = Posts.Range(1, FeedWindow.Capacity + 50).Select((post, index) => post with { CurrentScore = index });
        _window.Show(NewestFirst(posts), new() { Sort = FeedSort.Score }, Posts.Now);

        Assert.Equal(FeedWindow.Capacity, _window.Rows.Count);
        Assert.Equal(50, _window.Rows.Min(row => row.CurrentScore));
        Assert.True(_window.Truncated);
    }

    [Fact]
    public void What_waited_is_what_comes_in_when_the_window_goes_on() =>
        Gen.Select(Gen.Int[0, 900], Gen.Int[0, 900]).Sample((before, after) =>
        {
            var window = new FeedWindow();
            window.Show(NewestFirst(Posts.Range(1, before)), FeedFilter.None, Posts.Now);
            var newest = NewestFirst(Posts.Range(1, before + after));

            window.Hold(newest, [], FeedFilter.None);
            var waiting = window.Waiting;

            Assert.Equal(waiting, window.Show(newest, FeedFilter.None, Posts.Now));
            Assert.Equal(0, window.Waiting);
        }, iter: 60);

    private static ImmutableArray<PostView> NewestFirst(IEnumerable<PostView> posts) =>
        [.. posts.GroupBy(post => post.Id).Select(group => group.Last()).OrderByDescending(post => post.CreatedUtc)];
}
