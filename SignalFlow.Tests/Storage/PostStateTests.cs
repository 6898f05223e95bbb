using CsCheck;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Tests.Storage;

public sealed class PostStateTests
{
    private static readonly Gen<Sample[]> GenSamples =
        Gen.Select(Gen.Long[0, 20], Gen.Int[0, 10_000], Gen.Int[0, 500], (at, score, comments) => (at, score, comments))
            .Array[1, 12]
            // An instant identifies an observation, so two of the same instant say the same.
            .Select(drawn => drawn.DistinctBy(sample => sample.at)
                .Select(sample => new Sample(sample.at * 1_000_000, sample.score, sample.comments)).ToArray());

    [Fact]
    public void Order_and_repetition_of_observations_do_not_change_the_end_state() =>
        Gen.Select(GenSamples, Gen.Int).Sample((samples, seed) =>
        {
            var random = new Random(seed);
            var disordered = samples.Concat(samples.Where(_ => random.Next(2) == 0)).ToArray();
            random.Shuffle(disordered);
            return Fold(disordered) == Fold([.. samples.OrderBy(sample => sample.At)]);
        });

    [Fact]
    public void State_holds_the_two_newest_observations_and_the_first_sight() =>
        GenSamples.Sample(samples =>
        {
            var ordered = samples.OrderByDescending(sample => sample.At).ToArray();
            var state = Fold(samples);
            return state.Last == ordered[0]
                && state.Previous == (ordered.Length > 1 ? ordered[1] : null)
                && state.FirstSeen == ordered[^1].At;
        });

    [Fact]
    public void Velocity_is_points_per_second_between_the_two_newest_observations()
    {
        var state = Fold([new(0, 45, 3), new(300_000_000, 1200, 33)]);

        Assert.Equal(3.85, state.ScoreVelocity, 1e-12);
        Assert.Equal(0.1, state.CommentVelocity, 1e-12);
    }

    [Fact]
    public void Velocity_of_a_post_seen_once_is_zero()
    {
        var state = Fold([new(5, 1000, 10)]);

        Assert.Equal(0, state.ScoreVelocity);
        Assert.Equal(0, state.CommentVelocity);
    }

    private static PostState Fold(IEnumerable<Sample> samples) =>
        samples.Aggregate((PostState?)null, (state, sample) => state?.Add(sample) ?? PostState.First(sample))!.Value;
}
