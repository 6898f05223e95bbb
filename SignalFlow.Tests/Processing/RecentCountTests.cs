using Microsoft.Extensions.Time.Testing;
using SignalFlow.Processing.Reporting;
using SignalFlow.Storage.Pipeline;

namespace SignalFlow.Tests.Processing;

public sealed class RecentCountTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_rate_is_over_the_last_minute_and_at_first_over_the_time_there_has_been()
    {
        var count = RecentCount.OfMinute(_time);
        count.Add(30);
        Assert.Equal(30, count.PerSecond);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(3, count.PerSecond);

        _time.Advance(TimeSpan.FromSeconds(40));
        count.Add(90);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(90, count.Sum);
        Assert.Equal(1.5, count.PerSecond);
    }

    [Theory]
    [InlineData(59, 1)]
    [InlineData(60, 0)]
    [InlineData(61, 0)]
    [InlineData(100_000, 0)]
    public void What_is_older_does_not_count(int minutes, long expected)
    {
        var count = RecentCount.OfHour(_time);
        count.Add(1);

        _time.Advance(TimeSpan.FromMinutes(minutes));

        Assert.Equal(expected, count.Sum);
    }

    [Fact]
    public void Quantiles_are_times_that_were_measured_and_those_of_the_last_minute_only()
    {
        var durations = new RecentDurations(_time);
        Assert.Null(durations.Quantiles());
        durations.Add(TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(61));
        for (var milliseconds = 100; milliseconds >= 1; milliseconds--)
            durations.Add(TimeSpan.FromMilliseconds(milliseconds));

        Assert.Equal(new FlushTimes(50, 95, 99), durations.Quantiles());
    }
}
