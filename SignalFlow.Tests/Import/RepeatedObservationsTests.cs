using CsCheck;
using SignalFlow.Processing.Import;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Tests.Import;

public sealed class RepeatedObservationsTests
{
    private const long Second = 1_000_000;

    private static readonly Gen<List<OriginalObservation>> GenLooks =
        Gen.Select(Gen.Long[0, 30], Gen.Int[0, 2], Gen.Int[0, 1], (tens, score, comments) => Look(tens * 10, score, comments)).List[0, 15];

    [Fact]
    public void A_message_that_came_again_is_one_observation()
    {
        List<OriginalObservation> looks = [Look(330, 70), Look(0, 10), Look(301, 70), Look(300, 70), Look(300, 70)];

        var repeats = RepeatedObservations.Fold(looks);

        Assert.Equal(3, repeats);
        Assert.Equal([Look(0, 10), Look(300, 70)], looks);
    }

    [Theory]
    [InlineData(300, 10)]
    [InlineData(61, 10)]
    [InlineData(1, 11)]
    public void Later_looks_and_other_counters_stay(int after, int score)
    {
        List<OriginalObservation> looks = [Look(0, 10), Look(after, score)];

        Assert.Equal(0, RepeatedObservations.Fold(looks));
        Assert.Equal(2, looks.Count);
    }

    [Fact]
    public void Folding_does_not_depend_on_the_order_and_folds_once() => Gen.Select(GenLooks, Gen.Int).Sample((looks, seed) =>
    {
        var shuffled = looks.ToArray();
        new Random(seed).Shuffle(shuffled);
        var (one, other) = (new List<OriginalObservation>(looks), new List<OriginalObservation>(shuffled));
        var repeats = RepeatedObservations.Fold(one);
        RepeatedObservations.Fold(other);
        return one.SequenceEqual(other) && repeats + one.Count == looks.Count && RepeatedObservations.Fold(other) == 0;
    });

    [Theory]
    [InlineData(299.99, 70, false)]
    [InlineData(300, 12, false)]
    [InlineData(301, 71, true)]
    [InlineData(900, 70, true)]
    public void The_row_of_the_post_adds_a_look_only_if_no_row_of_the_history_tells_of_it(double at, int score, bool added)
    {
        List<OriginalObservation> looks = [Look(0, 10), Look(300, 70)];

        Assert.Equal(added, RepeatedObservations.TryAdd(looks, Look(at, score)));
        Assert.Equal(added ? 3 : 2, looks.Count);
    }

    private static OriginalObservation Look(double seconds, int score, int comments = 0) => new(new Sample((long)(seconds * Second), score, comments), 0.9);
}
