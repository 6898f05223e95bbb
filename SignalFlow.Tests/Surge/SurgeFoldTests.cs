using CsCheck;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Tests.Surge;

public sealed class SurgeFoldTests
{
    private static readonly BaselineHistory Baselines = new(
        Enumerable.Range(0, 20).ToDictionary(
            i => (Community.Created / BaselineCut.Period + 5 * i - 2) * BaselineCut.Period,
            i => Community.Table(40 + i)));

    private static readonly Gen<SurgeObservation[]> GenHistory =
        Gen.Select(Gen.Int[0, 3000], Gen.Int[-20, 3000], Gen.Int[0, 300], Gen.Float[0, 1], Gen.Int[0, 30])
            .Array[1, 60]
            .Select(drawn => drawn
                .Select(one => Community.At(one.Item1 / 2.0, one.Item2, one.Item3, one.Item4, isRemoved: one.Item5 == 0))
                .DistinctBy(observation => observation.At)
                .ToArray());

    [Fact]
    public void The_order_and_the_repetition_of_observations_do_not_change_the_fold() =>
        Gen.Select(GenHistory, Gen.Int).Sample((history, seed) =>
        {
            var random = new Random(seed);
            var disordered = history.Concat(history.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(disordered);

            Assert.Equal(Fold([.. history.OrderBy(observation => observation.At)]), Fold(disordered));
        });

    [Fact]
    public void Batches_that_store_their_states_in_between_change_nothing() =>
        Gen.Select(GenHistory, Gen.Int[1, 7]).Sample((history, size) =>
        {
            var ordered = history.OrderBy(observation => observation.At).ToArray();
            SurgeState state = default;
            foreach (var batch in ordered.Chunk(size))
            {
                // A crash after the write: the batch comes again.
                foreach (var observation in batch.Concat(batch))
                    state = Next(state, observation);
                Assert.True(SurgeStateCodec.TryDecode(SurgeStateCodec.Encode(state), out state));
            }

            Assert.Equal(Fold(ordered).State, state);
        });

    [Fact]
    public void An_observation_that_is_not_later_changes_nothing() =>
        GenHistory.Sample(history =>
        {
            var state = Fold(history).State;
            foreach (var observation in history)
                Assert.Equal(state, Next(state, observation with { Score = observation.Score + 1000 }));
        });

    [Fact]
    public void A_late_observation_is_folded_in_from_the_history()
    {
        SurgeObservation[] known = [Community.At(20, 40), Community.At(30, 80)];
        var late = Community.At(10, 5);

        Assert.True(late.At < Fold(known).State.LastAt);
        Assert.Equal(Fold([late, .. known]), Fold([.. known, late]));
        Assert.NotEqual(Fold(known).State, Fold([.. known, late]).State);
    }

    [Fact]
    public void Of_two_observations_of_one_instant_the_first_counts()
    {
        var step = Fold([Community.At(20, 40), Community.At(20, 90)]);

        Assert.Equal(40, step.State.PeakScore);
    }

    [Theory]
    [InlineData(0.25)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public void The_window_reaches_8_minutes_back_however_often_a_post_is_observed(double every)
    {
        var observations = Enumerable.Range(0, (int)(60 / every)).Select(i => Community.At(10 + i * every, 10 + i)).ToList();

        var signal = Fold(observations).Signal;

        Assert.InRange(signal.WindowMinutes, 8, 8 + Math.Max(every, 2) + 2);
        Assert.Equal(signal.WindowMinutes / every, signal.Gain, 1e-6);
        Assert.Equal(1 / every, signal.Velocity!.Value, 1e-6);
    }

    [Fact]
    public void A_first_look_at_a_young_post_measures_from_its_birth_and_at_an_old_one_not_at_all()
    {
        Assert.Equal(0.9, Fold([Community.At(10, 10)]).Signal.Velocity!.Value, 1e-9);
        Assert.Null(Fold([Community.At(4, 10)]).Signal.Velocity);
        Assert.Null(Fold([Community.At(90, 1000)]).Signal.Velocity);
        Assert.Equal(0, Fold([Community.At(90, 1000)]).Signal.Burst);
        Assert.Null(Fold([Community.At(90, 1000), Community.At(300, 2000)]).Signal.Velocity);
    }

    [Fact]
    public void More_points_never_lower_the_surge() =>
        Gen.Select(Gen.Double[5, 1400], Gen.Int[0, 2000], Gen.Int[1, 500]).Sample((age, score, more) =>
            Community.Fold([Community.At(age, score)]).Signal.Surge <= Community.Fold([Community.At(age, score + more)]).Signal.Surge + 1e-9);

    [Fact]
    public void The_signal_compares_with_the_median_of_the_community_at_that_age()
    {
        var signal = Community.Fold([Community.At(60, (2 * Community.Expected(28, 60)) + 1)]).Signal;

        Assert.Equal(2, signal.TimesTypical, 0.1);
        Assert.InRange(signal.Level, 0.5, 1);
        Assert.Equal(200, signal.Posts);
    }

    [Fact]
    public void Without_a_baseline_there_is_no_signal_and_no_alert()
    {
        var step = Community.Fold(Community.Post(5000), CommunityBaseline.Empty);

        Assert.Equal(SurgePhase.New, step.State.Phase);
        Assert.Equal(0, step.Signal.Surge);
        Assert.Equal(50, step.Signal.Percent);
    }

    [Fact]
    public void Any_numbers_give_finite_signals() =>
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Long[-5_000_000_000, 90_000_000_000]).Array[1, 6].Sample(drawn =>
        {
            var history = drawn.Select(one => new SurgeObservation(Community.Created + one.Item4, one.Item1, one.Item2)).OrderBy(one => one.At);
            var signal = Community.Fold(history).Signal;

            Assert.True(double.IsFinite(signal.Surge) && double.IsFinite(signal.TimesTypical), $"{signal}");
            Assert.InRange(signal.Percent, 0, 100);
        });

    private static SurgeStep Fold(IReadOnlyList<SurgeObservation> observations) =>
        SurgeFold.Fold(observations, Community.Name, Community.Created, Baselines);

    private static SurgeState Next(in SurgeState state, in SurgeObservation observation) =>
        SurgeFold.Next(state, observation, Community.Created, Baselines.At(observation.At).Of(Community.Name)).State;
}
