using CsCheck;
using NpgsqlTypes;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Tests.Replicas;

public sealed class PrimaryPositionsTests
{
    private readonly PrimaryPositions _positions = new();

    [Fact]
    public void Nothing_is_known_before_the_first_look() => Assert.Null(_positions.LagOf(new(5)));

    [Theory]
    [InlineData(99, null)]
    [InlineData(100, 40)]
    [InlineData(199, 40)]
    [InlineData(200, 30)]
    [InlineData(299, 30)]
    [InlineData(300, 0)]
    [InlineData(400, 0)]
    public void The_lag_is_counted_from_when_the_primary_last_had_no_more_than_the_replica_has(ulong replayed, int? seconds)
    {
        Look((100, 0), (100, 20), (200, 30), (300, 40), (300, 60));

        Assert.Equal(seconds is { } lag ? TimeSpan.FromSeconds(lag) : null, _positions.LagOf(new(replayed)));
    }

    [Fact]
    public void A_primary_that_writes_nothing_leaves_nobody_behind()
    {
        Look((100, 0), (200, 1), (200, 100_000));

        Assert.Equal(TimeSpan.Zero, _positions.LagOf(new(200)));
    }

    [Fact]
    public void While_the_primary_does_not_answer_the_lag_stands_still_and_shrinks_with_replay()
    {
        Look((100, 0), (200, 10), (300, 20));

        Assert.Equal(TimeSpan.FromSeconds(10), _positions.LagOf(new(200)));
        Assert.Equal(TimeSpan.FromSeconds(10), _positions.LagOf(new(299)));
        Assert.Equal(TimeSpan.Zero, _positions.LagOf(new(300)));
    }

    [Fact]
    public void Of_what_lies_too_far_back_only_that_is_known()
    {
        for (ulong second = 0; second < 4000; second++)
            Look((100 + second, (int)second));

        Assert.Equal(PrimaryPositions.Remembered, _positions.LagOf(new(100)));
        Assert.Equal(TimeSpan.FromSeconds(1), _positions.LagOf(new(100 + 3998)));
    }

    [Fact]
    public void A_log_that_has_gone_back_belongs_to_another_server()
    {
        Look((100, 0), (200, 10), (150, 20));

        Assert.Null(_positions.LagOf(new(120)));
        Assert.Equal(TimeSpan.Zero, _positions.LagOf(new(150)));
    }

    [Fact]
    public void More_replay_is_never_more_lag() =>
        Gen.Select(Gen.Select(Gen.ULong[0, 5], Gen.Int[1, 400]).Array[1, 60], Gen.ULong[0, 300], Gen.ULong[0, 300]).Sample((steps, one, other) =>
        {
            var positions = new PrimaryPositions();
            var (position, at) = (0UL, 0);
            foreach (var (growth, seconds) in steps)
                positions.Add(new(position += growth), TimeSpan.FromSeconds(at += seconds));

            var (less, more) = (positions.LagOf(new(Math.Min(one, other))), positions.LagOf(new(Math.Max(one, other))));
            Assert.True(less is null || more <= less, $"{less} {more}");
        });

    private void Look(params (ulong Position, int Second)[] looks)
    {
        foreach (var (position, second) in looks)
            _positions.Add(new NpgsqlLogSequenceNumber(position), TimeSpan.FromSeconds(second));
    }
}
