using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class SurgePhaseTests
{
    [Fact]
    public void A_typical_post_stays_new() => Assert.Equal([SurgePhase.New], Community.Phases(Community.Post(28)));

    [Fact]
    public void A_post_that_leads_its_community_emerges_and_is_over_once_its_growth_is()
    {
        // Ends at 150 points, of a community's 28; then nobody votes any more.
        var phases = Community.Phases(Community.Post(150));

        Assert.Equal(SurgePhase.New, phases[0]);
        Assert.Equal(SurgePhase.Emerging, phases[1]);
        Assert.DoesNotContain(SurgePhase.Trending, phases);
    }

    [Fact]
    public void A_post_where_ordinary_ones_do_not_end_goes_through_all_phases()
    {
        var observations = Community.Post(8000).TakeWhile(observation => observation.At <= At(240)).ToList();
        // At 4 hours it stops dead, while the typical post still gains.
        observations.AddRange(Enumerable.Range(1, 60).Select(i => Community.At(240 + 10 * i, observations[^1].Score)));

        var phases = Community.Phases(observations);

        Assert.Equal(SurgePhase.Trending, phases.Find(phase => phase is not SurgePhase.New and not SurgePhase.Emerging));
        Assert.Equal([SurgePhase.Peaked, SurgePhase.Faded], phases[^2..]);
    }

    [Fact]
    public void One_hit_that_is_not_certain_is_not_enough()
    {
        var start = Community.Post(28).TakeWhile(observation => observation.At < At(60)).ToList();
        var lead = Enumerable.Range(20, 100).First(score => Community.Fold([Community.At(61, score)]).Signal.Chance > 0.35);
        var once = Community.Fold([.. start, Community.At(61, lead), Community.At(64, Community.Expected(28, 64))]);
        var twice = Community.Fold([.. start, Community.At(61, lead), Community.At(64, lead + 5)]);

        Assert.Equal(SurgePhase.New, Community.Fold([.. start, Community.At(61, lead)]).State.Phase);
        Assert.Equal(0, once.State.EmergedAt);
        Assert.Equal(SurgePhase.Emerging, twice.State.Phase);
    }

    [Fact]
    public void It_takes_less_to_stay_than_to_enter()
    {
        var rules = SurgeRules.Default;

        Assert.True(rules.FadeAt < rules.EmergeLevel);
        var leading = Community.Post(150).TakeWhile(observation => observation.At < At(90)).ToList();
        // Between the level at which it fades and the one at which it would emerge.
        var between = Community.At(91, (int)(1.7 * Community.Expected(28, 91)));
        var signal = Community.Fold([.. leading, between]);

        Assert.InRange(signal.Signal.Level, rules.FadeAt, rules.EmergeLevel);
        Assert.Equal(SurgePhase.Emerging, signal.State.Phase);
        Assert.Equal(SurgePhase.New, Community.Fold([between, between with { At = At(95) }]).State.Phase);
    }

    [Fact]
    public void A_post_that_is_typical_again_has_faded()
    {
        var leading = Community.Post(150).TakeWhile(observation => observation.At < At(90)).ToList();

        Assert.Equal(SurgePhase.Faded, Community.Fold([.. leading, Community.At(91, Community.Expected(28, 91))]).State.Phase);
    }

    [Fact]
    public void Slow_growth_counts_only_after_half_an_hour_of_it()
    {
        var rising = Community.Post(800).TakeWhile(observation => observation.At < At(61)).ToList();
        var score = rising[^1].Score;
        var quiet = Enumerable.Range(0, 20).Select(i => Community.At(61 + 3 * i, score)).ToList();
        SurgePhase AfterQuiet(double minutes) => Community.Fold([.. rising, .. quiet.Where(one => one.At <= At(61 + minutes))]).State.Phase;

        Assert.NotEqual(SurgePhase.Peaked, AfterQuiet(30));
        Assert.Equal(SurgePhase.Peaked, AfterQuiet(57));
    }

    [Fact]
    public void A_removed_post_has_faded_and_never_emerges_as_one()
    {
        var leading = Community.Post(150).TakeWhile(observation => observation.At < At(90)).ToList();

        Assert.Equal(SurgePhase.Faded, Community.Fold([.. leading, Community.At(91, 400, isRemoved: true)]).State.Phase);
        Assert.Equal([SurgePhase.New], Community.Phases(Community.Post(9000).Select(observation => observation with { IsRemoved = true })));
    }

    [Fact]
    public void A_post_that_most_voters_are_against_does_not_emerge()
    {
        var disputed = Community.Post(9000).Select(observation => observation with { UpvoteRatio = 0.45f }).ToList();

        Assert.Equal([SurgePhase.New], Community.Phases(disputed));
        Assert.True(Community.Fold(disputed).Signal.IsControversial);
        Assert.False(Community.Fold(Community.Post(9000)).Signal.IsControversial);
    }

    [Fact]
    public void A_post_alerts_once()
    {
        var observations = Community.Post(8000).ToList();
        var first = observations.FindIndex(last => Community.Fold(observations.TakeWhile(one => one.At <= last.At)).State.EmergedAt != 0);

        Assert.Equal(observations[first].At, Community.Fold(observations).State.EmergedAt);
        Assert.True(Community.Fold(observations).State.TrendedAt >= observations[first].At);
    }

    [Fact]
    public void On_the_first_day_when_no_end_is_known_level_and_burst_decide()
    {
        var builder = new BaselineBuilder();
        for (var i = 0; i < 200; i++)
            builder.Add(Community.Name, Community.Created, Community.Post(5 * Math.Pow(32, (i + 0.5) / 200)).AsSpan(0, 60), final: null);
        var baseline = builder.Build().Of(Community.Name);

        Assert.Equal(SurgePhase.New, Community.Fold(Community.Post(28), baseline).State.Phase);
        Assert.Equal(0, Community.Fold(Community.Post(60), baseline).State.EmergedAt);
        Assert.NotEqual(0, Community.Fold(Community.Post(500), baseline).State.EmergedAt);
        Assert.Null(Community.Fold(Community.Post(500), baseline).Signal.Forecast);
    }

    private static long At(double minutes) => Community.At(minutes, 0).At;
}
