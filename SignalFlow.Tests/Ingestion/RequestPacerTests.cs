using CsCheck;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Tests.Ingestion;

public sealed class RequestPacerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void No_minute_ever_has_more_requests_than_the_quota()
    {
        var wish = Gen.Select(Gen.Int[0, 3_000], Gen.Int[0, 20], Gen.Int[0, 40]);
        Gen.Select(Gen.Int[1, 200], wish.Array[200]).Sample((perMinute, wishes) =>
        {
            var pacer = new RequestPacer(TimeSpan.FromMinutes(1) / perMinute);
            var sent = new List<DateTimeOffset>();
            var now = Start;
            foreach (var (idle, remaining, reset) in wishes)
            {
                now += TimeSpan.FromMilliseconds(idle);
                var slot = pacer.NextSlot(now);
                now = slot > now ? slot : now;
                pacer.Sent(now);
                sent.Add(now);
                if (reset % 3 == 0)
                    pacer.Observe(new RateLimit(remaining, TimeSpan.FromSeconds(reset)), now);
            }

            for (var i = perMinute; i < sent.Count; i++)
                Assert.True(sent[i] - sent[i - perMinute] >= TimeSpan.FromMinutes(1) - TimeSpan.FromTicks(perMinute));
        });
    }

    [Fact]
    public void What_is_left_of_the_window_is_spread_over_the_rest_of_it()
    {
        var pacer = new RequestPacer(TimeSpan.FromSeconds(1));
        pacer.Sent(Start);
        pacer.Observe(new RateLimit(5, TimeSpan.FromSeconds(60)), Start);

        Assert.Equal(Start.AddSeconds(12), pacer.NextSlot(Start));
        Assert.Equal(Start.AddSeconds(1), pacer.NextSlot(Start.AddSeconds(60)));
    }

    [Fact]
    public void An_exhausted_window_is_waited_out()
    {
        var pacer = new RequestPacer(TimeSpan.FromSeconds(1));
        pacer.Sent(Start);
        pacer.Observe(new RateLimit(0.5, TimeSpan.FromSeconds(42)), Start);

        Assert.Equal(Start.AddSeconds(42), pacer.NextSlot(Start));
    }

    [Fact]
    public void Back_off_doubles_within_its_bounds_and_is_at_least_half_certain()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(5));
        Gen.Select(Gen.Int[1, 10_000], Gen.Double[0, 0.999999]).Sample((failures, jitter) =>
        {
            var ceiling = Math.Min(300, 4 * Math.Pow(2, Math.Min(failures - 1, 30)));
            Assert.InRange(backoff.Delay(failures, jitter).TotalSeconds, ceiling / 2, ceiling);
        });
    }
}
