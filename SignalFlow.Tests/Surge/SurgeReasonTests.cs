using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class SurgeReasonTests
{
    [Fact]
    public void A_reason_names_level_community_age_and_gain() =>
        Assert.Equal("6.2× typical for r/golang at 42 min, +38 in 10 min", SurgeReason.Of(Signal(6.2, 42, 38, 10), "golang"));

    [Fact]
    public void Old_posts_are_as_old_as_hours_and_losses_are_losses() =>
        Assert.Equal("14× typical for r/golang at 3.5 h, -4 in 30 min", SurgeReason.Of(Signal(13.7, 210, -4, 30), "golang"));

    [Fact]
    public void Without_a_window_there_is_no_gain() =>
        Assert.Equal("0.4× typical for r/golang at 90 min", SurgeReason.Of(Signal(0.4, 90, 0, 0), "golang"));

    [Fact]
    public void A_community_of_few_posts_says_that_it_is_still_learned() =>
        Assert.Equal(
            "6.2× typical for r/golang at 42 min, +38 in 10 min, baseline learning (12/30 posts)",
            SurgeReason.Of(Signal(6.2, 42, 38, 10, posts: 12), "golang"));

    [Fact]
    public void Without_any_baseline_there_is_nothing_to_compare_with() =>
        Assert.Equal("no baseline yet for r/golang, baseline learning (0/30 posts)", SurgeReason.Of(SurgeSignal.None(42, 100), "golang"));

    [Fact]
    public void A_disputed_post_is_called_so() =>
        Assert.Equal(
            "2.0× typical for r/golang at 42 min, +0 in 10 min, more votes against it than for it",
            SurgeReason.Of(Signal(2, 42, 0, 10) with { IsControversial = true }, "golang"));

    private static SurgeSignal Signal(double times, double age, int gain, double window, int posts = 100) =>
        new(age, 100, 1, 0, 1, 1, times, gain, window, new(1, 2, 3), 0.5, 0, posts, false);
}
