using CsCheck;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class BaselineBuilderTests
{
    [Fact]
    public void Median_and_deviation_are_those_of_a_naive_computation() =>
        Gen.Double[-50, 50].Array[1, 40].Sample(values =>
        {
            var spread = BaselineBuilder.Spread(values);

            Assert.Equal(values.Length, spread.Count);
            Assert.Equal(NaiveMedian(values), spread.Median, 1e-9);
            Assert.Equal(NaiveMedian([.. values.Select(value => Math.Abs(value - NaiveMedian(values)))]), spread.Mad, 1e-9);
        });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 2.5)]
    [InlineData(0.9, 3.7)]
    [InlineData(1, 4)]
    public void Quantiles_are_linear_between_ranks_as_those_of_PostgreSQL(double fraction, double expected) =>
        Assert.Equal(expected, BaselineBuilder.Quantile([1, 2, 3, 4], fraction), 1e-12);

    [Fact]
    public void A_post_counts_once_in_a_bin_with_the_observation_nearest_to_the_named_age()
    {
        var builder = new BaselineBuilder();
        builder.Add("golang", Community.Created, [Community.At(26, 7), Community.At(31, 10), Community.At(36, 20)], final: null);

        var row = Assert.Single(builder.Rows().Bins, row => row.Subreddit == "golang");

        Assert.Equal(AgeBins.Of(30), row.Bin);
        Assert.Equal(31, row.Age, 1e-9);
        Assert.Equal(new Spread(1, Math.Log(11), 0), row.Score);
    }

    [Fact]
    public void The_gain_is_per_minute_since_the_newest_observation_at_least_8_minutes_earlier()
    {
        var builder = new BaselineBuilder();
        builder.Add("golang", Community.Created, [Community.At(18, 1), Community.At(20, 5), Community.At(23, 9), Community.At(30, 25)], final: null);

        Assert.Equal((25 - 5) / 10.0, builder.Rows().Bins.First(row => row.Bin == AgeBins.Of(30)).Gain.Median, 1e-9);
    }

    [Fact]
    public void A_young_post_gains_from_its_birth_and_one_first_seen_later_has_no_gain()
    {
        var builder = new BaselineBuilder();
        builder.Add("golang", Community.Created, [Community.At(10, 21), Community.At(100, 30)], final: null);
        builder.Add("golang", Community.Created, [Community.At(240, 300)], final: null);

        var rows = builder.Rows().Bins.Where(row => row.Subreddit is not null).ToDictionary(row => row.Bin);

        Assert.Equal(2, rows[AgeBins.Of(10)].Gain.Median, 1e-9);
        Assert.Equal(0, rows[AgeBins.Of(240)].Gain.Count);
    }

    [Fact]
    public void Growth_is_kept_by_the_level_of_the_post()
    {
        var growth = Community.Builder().Rows().Growth.Where(row => row.Subreddit == Community.Name && row.Bin == AgeBins.Of(60)).ToList();

        Assert.Equal([0, 1, 2], growth.Select(row => row.Class));
        Assert.All(growth, row => Assert.True(row.Low <= row.Median && row.Median <= row.High));
    }

    [Fact]
    public void The_spread_of_all_is_that_within_communities()
    {
        var builder = new BaselineBuilder();
        for (var i = 0; i < 20; i++)
        {
            builder.Add("small", Community.Created, [Community.At(30, 3)], final: 3);
            builder.Add("large", Community.Created, [Community.At(30, 3000)], final: 3000);
        }

        var rows = builder.Rows();

        Assert.Equal(0, rows.Bins.Single(row => row.Subreddit is null).Score.Mad);
        Assert.Equal(0, rows.Communities.Single(row => row.Subreddit is null).Mad);
    }

    [Fact]
    public void Rows_do_not_depend_on_the_order_of_the_posts() =>
        Gen.Int.Sample(
            seed =>
            {
                var random = new Random(seed);
                var posts = Enumerable.Range(0, 30).Select(i => (Name: i % 3 == 0 ? "a" : "B", Final: random.Next(1, 500))).ToArray();
                var rows = Rows(posts);
                random.Shuffle(posts);
                var again = Rows(posts);

                Assert.Equal(rows.Bins, again.Bins);
                Assert.Equal(rows.Growth, again.Growth);
                Assert.Equal(rows.Communities, again.Communities);
            },
            iter: 20);

    [Fact]
    public void Closing_communities_one_by_one_gives_the_same_rows() =>
        Gen.Int[0, 5_000].Array[1, 90].Sample(
            finals =>
            {
                var posts = finals.Select(final => (Name: final % 3 == 0 ? "a" : "B", Final: final)).ToArray();
                var rows = Rows(posts);
                var builder = new BaselineBuilder();
                foreach (var community in posts.GroupBy(post => post.Name))
                {
                    foreach (var post in community)
                        builder.Add(post.Name, Community.Created, Community.Post(post.Final), post.Final);
                    builder.Close(community.Key);
                }

                var again = builder.Rows();

                Assert.Equal(rows.Bins, again.Bins);
                Assert.Equal(rows.Growth, again.Growth);
                Assert.Equal(rows.Communities, again.Communities);
            },
            iter: 20);

    [Fact]
    public void A_closed_community_takes_no_more_posts()
    {
        var builder = new BaselineBuilder();
        builder.Add("golang", Community.Created, Community.Post(10), 10);
        builder.Close("golang");

        Assert.Throws<InvalidOperationException>(() => builder.Add("Golang", Community.Created, Community.Post(10), 10));
    }

    private static BaselineRows Rows((string Name, int Final)[] posts)
    {
        var builder = new BaselineBuilder();
        foreach (var (name, final) in posts)
            builder.Add(name, Community.Created, Community.Post(final), final);
        return builder.Rows();
    }

    private static double NaiveMedian(double[] values)
    {
        var sorted = values.ToList();
        sorted.Sort();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
