using SignalFlow.Contracts;

namespace SignalFlow.Tests.Surge;

public sealed class SurgeReasonTests
{
    [Fact]
    public void A_reason_names_level_community_age_and_gain() =>
        Assert.Equal("6.2× typical for r/golang at 42 min, +38 in 10 min", Surge(6.2, 42, 38, 10).Reason("golang"));

    [Fact]
    public void Old_posts_are_as_old_as_hours_and_losses_are_losses() =>
        Assert.Equal("14× typical for r/golang at 3.5 h, -4 in 30 min", Surge(13.7, 210, -4, 30).Reason("golang"));

    [Fact]
    public void Without_a_window_there_is_no_gain() =>
        Assert.Equal("0.4× typical for r/golang at 90 min", Surge(0.4, 90, 0, 0).Reason("golang"));

    [Fact]
    public void A_community_of_few_posts_says_that_it_is_still_learned() =>
        Assert.Equal("6.2× typical for r/golang at 42 min, +38 in 10 min, baseline learning (12/30 posts)", Surge(6.2, 42, 38, 10, posts: 12).Reason("golang"));

    [Fact]
    public void Without_any_baseline_there_is_nothing_to_compare_with() =>
        Assert.Equal(
            "no baseline yet for r/golang, baseline learning (0/30 posts)", (Surge(1, 42, 0, 0, posts: 0) with { Forecast = null }).Reason("golang"));

    private static SurgeView Surge(double times, double age, int gain, double window, int posts = 100) => new()
    {
        Score = 84,
        Phase = "emerging",
        TimesTypical = times,
        AgeMinutes = age,
        Gain = gain,
        WindowMinutes = window,
        Forecast = new(1, 2, 3),
        PeakVelocity = 1,
        BaselinePosts = posts,
    };
}
