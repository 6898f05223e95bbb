using CsCheck;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Tests.Terms;

public sealed class TermCountsTests
{
    private static readonly string[] Titles = ["volcano", "volcano erupts", "rust compiler", "garden"];

    private static readonly Gen<TermPost> Posts = Gen.Select(
        Gen.Int[0, 30], Gen.Int[-300, 1_200], Gen.Int[0, 6], Gen.Int[0, 3].Select(i => Titles[i]), Gen.Int[0, 3],
        (id, second, author, title, site) => TermPosts.Post(
            $"p{id}", title, author == 0 ? null : $"a{author}", $"s{id % 4}", site == 0 ? null : $"https://site{site}.com/{id}", second));

    [Fact]
    public void Neither_order_nor_repeats_nor_other_buckets_change_a_count() =>
        Gen.Select(Posts.List[0, 40], Gen.Int).Sample((posts, seed) =>
        {
            var shuffled = posts.Concat(posts).ToArray();
            new Random(seed).Shuffle(shuffled);
            var ofBucket = posts.Where(post => TermClock.Counts(TermPosts.Monday, post));

            var expected = TermCounts.Of(TermPosts.Monday, posts);

            Assert.Equal((expected.Volume, expected.Terms), Of(shuffled), Same);
            Assert.Equal((expected.Volume, expected.Terms), Of(ofBucket), Same);
        });

    [Fact]
    public void Authors_and_subreddits_count_once()
    {
        var counts = TermCounts.Of(TermPosts.Monday,
        [
            TermPosts.Post("1", "Volcano", "a", "news"),
            TermPosts.Post("2", "Volcano", "a", "pics"),
            TermPosts.Post("3", "Volcano and volcano", "b", "News"),
        ]);

        Assert.Equal(new TermCount("volcano", 1, Authors: 2, Posts: 3, Subreddits: 2), counts.Find("volcano"));
        Assert.Equal(3, counts.Volume);
    }

    [Fact]
    public void An_author_counts_with_five_posts_at_most()
    {
        var counts = TermCounts.Of(TermPosts.Monday, Enumerable.Range(0, 9).Select(i => TermPosts.Post($"{i}", "Volcano", "a", second: i)));

        Assert.Equal((TermCounts.MaxPostsPerAuthor, 1), (counts.Find("volcano")!.Posts, counts.Find("volcano")!.Authors));
    }

    [Fact]
    public void Posts_without_an_author_are_of_one_author()
    {
        var counts = TermCounts.Of(TermPosts.Monday, Enumerable.Range(0, 4).Select(i => TermPosts.Post($"{i}", "Volcano") with { Author = null }));

        Assert.Equal(1, counts.Find("volcano")!.Authors);
    }

    [Fact]
    public void Threads_of_the_bot_do_not_count() =>
        Assert.Empty(TermCounts.Of(TermPosts.Monday, [TermPosts.Post("1", "Volcano", "AutoModerator")]).Terms);

    [Theory]
    [InlineData("https://www.buy-this.com/volcano", TermCounts.MaxAuthorsPerDomain)]
    [InlineData("https://www.fedex.com/volcano", TermCounts.MaxAuthorsPerDomain)]
    [InlineData("https://x.com/volcano", 8)]
    [InlineData("https://www.youtube.com/watch?v=1", 8)]
    [InlineData("https://i.redd.it/1.png", 8)]
    public void A_site_counts_with_three_authors_of_a_term_at_most(string url, int expected)
    {
        var counts = TermCounts.Of(TermPosts.Monday, Enumerable.Range(0, 8).Select(i => TermPosts.Post($"{i}", "Volcano", url: url)));

        Assert.Equal(expected, counts.Find("volcano")!.Authors);
    }

    [Fact]
    public void What_is_first_seen_after_the_bucket_closed_counts_nowhere()
    {
        var late = TermPosts.Post("1", "Volcano") with { FirstSeenAt = TermClock.ClosesAt(TermPosts.Monday) };

        Assert.Empty(TermCounts.Of(TermPosts.Monday, [late]).Terms);
        Assert.NotEmpty(TermCounts.Of(TermPosts.Monday, [late with { FirstSeenAt = late.FirstSeenAt.AddTicks(-1) }]).Terms);
    }

    private static (int, IReadOnlyList<TermCount>) Of(IEnumerable<TermPost> posts)
    {
        var counts = TermCounts.Of(TermPosts.Monday, posts);
        return (counts.Volume, counts.Terms);
    }

    private static bool Same((int Volume, IReadOnlyList<TermCount> Terms) a, (int Volume, IReadOnlyList<TermCount> Terms) b) =>
        a.Volume == b.Volume && a.Terms.SequenceEqual(b.Terms);
}
