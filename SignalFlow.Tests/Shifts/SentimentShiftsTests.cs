using CsCheck;
using SignalFlow.Processing.Shifts;

namespace SignalFlow.Tests.Shifts;

public sealed class SentimentShiftsTests
{
    private static readonly SentimentSummary Usual = SentimentSummary.Of(Enumerable.Range(0, 500).Select(i => i % 5 * 0.1));

    private static readonly Gen<PostSentiment[]> Posts =
        Gen.Select(Gen.Int[0, 1_000], Gen.Double[-1, 1]).Select((id, sentiment) => new PostSentiment($"p{id}", sentiment)).Array[0, 60]
            .Select(posts => posts.DistinctBy(post => post.PostId).ToArray());

    [Fact]
    public void Welch_s_t_has_its_known_value()
    {
        // Twenty values of 0.7 and 0.1: mean 0.4, sum of squares about it 1.8.
        var shift = Assert.Single(SentimentShifts.Find([Bucket("a", [.. Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 0.7 : 0.1)])]));

        Assert.Equal(0.2 / Math.Sqrt((1.8 / 19 / 20) + (Usual.Variance / 500)), shift.Statistic, 1e-9);
        Assert.InRange(shift.PValue, 0.005, 0.01);
        Assert.Equal(1, Assert.Single(SentimentShifts.Find([Bucket("a", Around(20, 0.2))])).PValue, 1e-6);
    }

    [Theory]
    [InlineData(20, -0.5, true)]
    [InlineData(19, -0.5, false)]
    [InlineData(40, 0.22, false)]
    public void A_shift_has_twenty_posts_and_a_difference_that_matters(int posts, double mean, bool expected) =>
        Assert.Equal(expected, Assert.Single(SentimentShifts.Find([Bucket("a", Around(posts, mean))])).IsShifted);

    [Fact]
    public void A_significant_difference_that_is_small_is_none()
    {
        var shift = Assert.Single(SentimentShifts.Find([Bucket("a", Around(400, 0.26))]));

        Assert.True(shift.Statistic > SentimentShifts.Begins);
        Assert.False(shift.IsShifted);
    }

    [Fact]
    public void It_lasts_until_the_difference_has_nearly_gone()
    {
        var begun = Assert.Single(SentimentShifts.Find([Bucket("a", Around(40, -0.2))]));
        var weak = Bucket("a", Around(40, 0.13));

        Assert.True(begun.IsShifted);
        var alone = Assert.Single(SentimentShifts.Find([weak]));
        Assert.InRange(alone.Statistic, -SentimentShifts.Begins, -SentimentShifts.Ends);
        Assert.False(alone.IsShifted);
        Assert.True(Assert.Single(SentimentShifts.Find([weak with { Before = begun }])).IsShifted);
        Assert.False(Assert.Single(SentimentShifts.Find([Bucket("a", Around(40, 0.27)) with { Before = begun }])).IsShifted);
        Assert.False(Assert.Single(SentimentShifts.Find([Bucket("a", Around(40, 0.19)) with { Before = begun }])).IsShifted);
    }

    [Fact]
    public void What_moved_it_are_the_posts_that_are_furthest_in_its_direction()
    {
        var bucket = Bucket("golang", [.. Around(30, -0.1), -0.9, 0.9, -0.8]);

        var shift = Assert.Single(SentimentShifts.Find([bucket]));

        Assert.Equal(["p030", "p032"], shift.Movers.Take(2).Select(mover => mover.PostId));
        Assert.Equal(SentimentShifts.MostMovers, shift.Movers.Count);
        Assert.All(shift.Movers, mover => Assert.True(mover.Contribution < 0));
        Assert.Equal((-0.9 - Usual.Mean) / 33, shift.Movers[0].Contribution, 1e-9);
        Assert.Matches(@"^golang: sentiment -0\.12 instead of 0\.20 \(33 posts, t -\d+\.\d\)$", shift.Reason);
    }

    [Fact]
    public void No_post_moved_it_against_its_direction()
    {
        var begun = Assert.Single(SentimentShifts.Find([Bucket("a", Around(40, -0.2))]));

        var lasting = Assert.Single(SentimentShifts.Find([Bucket("a", [-1, -1, -1, -1, .. Around(16, 0.2, 0.001)]) with { Before = begun }]));

        Assert.True(lasting.IsShifted);
        Assert.All(lasting.Movers, mover => Assert.True(mover.Contribution < 0));
        lasting = Assert.Single(SentimentShifts.Find([Bucket("a", [-1, -1, -1, -1, .. Enumerable.Repeat(Usual.Mean, 16)]) with { Before = begun }]));
        Assert.Equal(4, lasting.Movers.Count);
    }

    [Fact]
    public void Contributions_of_all_posts_add_up_to_the_difference() =>
        Posts.Where(posts => posts.Length > 0).Sample(posts =>
        {
            var shift = Assert.Single(SentimentShifts.Find([new("a", posts, Usual)]));

            Assert.Equal(shift.Mean - shift.Usual, posts.Sum(post => (post.Sentiment - shift.Usual) / posts.Length), 1e-9);
        });

    [Fact]
    public void The_order_of_posts_and_keys_changes_nothing() =>
        Gen.Select(Posts.Array[1, 6], Gen.Int).Sample((buckets, seed) =>
        {
            var all = buckets.Select((posts, i) => new SentimentBucket($"key{i}", posts, Usual)).ToArray();
            var random = new Random(seed);
            var shuffled = all.Select(bucket => bucket with { Posts = Shuffled(bucket.Posts, random) }).Reverse();

            var (expected, actual) = (SentimentShifts.Find(all), SentimentShifts.Find(shuffled));

            Assert.Equal(expected.Select(shift => shift with { Movers = [] }), actual.Select(shift => shift with { Movers = [] }));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First.Movers, pair.Second.Movers));
        });

    [Fact]
    public void Of_many_keys_more_certainty_is_asked()
    {
        var doubtful = Bucket("a", Around(24, 0.05, 0.23));
        Assert.True(Assert.Single(SentimentShifts.Find([doubtful])).IsShifted);

        var found = SentimentShifts.Find([doubtful, .. Enumerable.Range(0, 100).Select(i => Bucket($"b{i}", Around(24, 0.2)))]);

        Assert.DoesNotContain(found, shift => shift.IsShifted);
    }

    [Fact]
    public void Summaries_of_parts_add_up() =>
        Gen.Select(Gen.Double[-1, 1].Array[0, 40], Gen.Int[0, 40]).Sample((values, cut) =>
        {
            cut = Math.Min(cut, values.Length);
            var (whole, parts) = (SentimentSummary.Of(values), SentimentSummary.Of(values[..cut]) + SentimentSummary.Of(values[cut..]));

            Assert.Equal(whole.Count, parts.Count);
            Assert.Equal(whole.Mean, parts.Mean, 1e-9);
            Assert.Equal(whole.Variance, parts.Variance, 1e-9);
        });

    private static PostSentiment[] Shuffled(IEnumerable<PostSentiment> posts, Random random)
    {
        var shuffled = posts.ToArray();
        random.Shuffle(shuffled);
        return shuffled;
    }

    /// <summary>Half above and half below the mean, by a spread like the usual one.</summary>
    private static double[] Around(int count, double mean, double spread = 0.15) =>
        [.. Enumerable.Range(0, count).Select(i => mean + (i == count - 1 && count % 2 == 1 ? 0 : i % 2 == 0 ? spread : -spread))];

    private static SentimentBucket Bucket(string key, params double[] sentiments) =>
        new(key, [.. sentiments.Select((sentiment, i) => new PostSentiment($"p{i:d3}", sentiment))], Usual);
}
