using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class BaselineTableTests
{
    private static readonly int Bin = AgeBins.Of(30);

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(1000)]
    public void A_small_sample_is_drawn_to_the_common_row_as_if_20_more_posts_had_been_seen_there(int posts)
    {
        var own = new BaselineRow("golang", Bin, 30, new(posts, 2, 0.5), new(posts, 1, 0.2), new(posts, 4, 1));
        var common = new BaselineRow(null, Bin, 30, new(900, 3, 0.7), new(900, 2, 0.4), new(900, 1, 1));

        var typical = new BaselineTable(new([own, common], [], [])).Of("golang").At(30);

        Assert.Equal((posts * 2 + 20 * 3) / (posts + 20.0), typical.Score, 1e-9);
        Assert.Equal((posts * 0.5 + 20 * 0.7) / (posts + 20.0), typical.ScoreMad, 1e-9);
        Assert.Equal((posts * 1 + 20 * 2) / (posts + 20.0), typical.Comments, 1e-9);
        Assert.Equal((posts * 0.2 + 20 * 0.4) / (posts + 20.0), typical.CommentsMad, 1e-9);
        Assert.Equal((posts * 4 + 20 * 1) / (posts + 20.0), typical.Gain, 1e-9);
    }

    [Fact]
    public void The_common_row_is_scaled_to_how_high_the_posts_of_the_community_end()
    {
        var rows = new BaselineRows(
            [new(null, Bin, 30, new(900, 2, 0.5), default, new(900, 1, 1))],
            [],
            [new("large", 10_000, 9_999, 20_000, 30_000, 0.5), new(null, 20_000, 99, 500, 900, 0.5)]);

        var typical = new BaselineTable(rows).Of("large").At(30);

        // ln(10,000) is twice ln(100), so a typical score of e^2 - 1 becomes one of e^4 - 1, and gains grow alike.
        Assert.Equal(4, typical.Score, 0.02);
        Assert.Equal((Math.Exp(4) - 1) / (Math.Exp(2) - 1), typical.Gain, 0.2);
    }

    [Fact]
    public void Between_the_ages_of_two_bins_values_are_interpolated_on_the_logarithm_and_beyond_them_they_stay()
    {
        var table = new BaselineTable(new(
            [new(null, AgeBins.Of(30), 30, new(900, 1, 0), default, default), new(null, AgeBins.Of(120), 120, new(900, 3, 0), default, default)],
            [],
            [])).Of("any");

        Assert.Equal(2, table.At(60).Score, 1e-9);
        Assert.Equal(1, table.At(3).Score, 1e-9);
        Assert.Equal(3, table.At(1000).Score, 1e-9);
    }

    [Fact]
    public void A_community_is_found_in_any_case_and_an_unknown_one_has_the_common_row()
    {
        var table = Community.Table(100, "GoLang");

        Assert.Same(table.Of("GoLang"), table.Of("golang"));
        Assert.Equal(100, table.Of("golang").PostsAt(30));
        Assert.Equal(0, table.Of("rust").PostsAt(30));
        Assert.False(table.Of("rust").IsEmpty);
    }

    [Fact]
    public void Without_any_post_nothing_is_typical()
    {
        var baseline = BaselineTable.Empty.Of("golang");

        Assert.True(baseline.IsEmpty);
        Assert.True(double.IsNaN(baseline.P90));
    }

    [Fact]
    public void Small_communities_lend_their_quantiles_from_all()
    {
        var rows = new BaselineRows(
            [new(null, Bin, 30, new(900, 1, 0), default, default)],
            [],
            [new("tiny", 1, 5, 5, 5, 0), new("huge", 5000, 500, 5000, 9000, 1), new(null, 5001, 100, 1000, 2000, 1)]);
        var table = new BaselineTable(rows);

        Assert.InRange(table.Of("tiny").P90, 700, 1000);
        Assert.InRange(table.Of("huge").P90, 4900, 5000);
        Assert.True(table.Of("huge").Outlier > table.Of("huge").P95);
        Assert.Equal(1000, table.Of("unknown").P90, 1e-6);
    }

    [Fact]
    public void Looking_up_and_folding_allocate_nothing()
    {
        var table = Community.Table();
        var post = Community.Post(400);
        _ = Sum();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var sum = Sum();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(sum > 0);

        double Sum()
        {
            var total = 0.0;
            SurgeState state = default;
            foreach (var observation in post)
            {
                var step = SurgeFold.Next(state, observation, Community.Created, table.Of("GOLANG"));
                state = step.State;
                total += step.Signal.Surge;
            }

            return total;
        }
    }

    [Theory]
    [InlineData(2.9, -1)]
    [InlineData(3, 0)]
    [InlineData(7.5, 1)]
    [InlineData(29, 4)]
    [InlineData(37.5, 5)]
    [InlineData(1439, 14)]
    [InlineData(1800, -1)]
    [InlineData(double.NaN, -1)]
    public void An_age_belongs_to_the_bin_of_the_nearest_named_age(double minutes, int bin) => Assert.Equal(bin, AgeBins.Of(minutes));
}
