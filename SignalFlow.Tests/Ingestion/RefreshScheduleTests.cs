using CsCheck;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Planning;

namespace SignalFlow.Tests.Ingestion;

public sealed class RefreshScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "aggressive")]
    [InlineData(4.99, "aggressive")]
    [InlineData(5, "normal")]
    [InlineData(59.99, "normal")]
    [InlineData(60, "slow")]
    [InlineData(1439.9, "slow")]
    [InlineData(1440, "inactive")]
    public void A_post_has_the_priority_of_its_age(double minutes, string priority)
    {
        Assert.Equal(priority, new Cadence(new IngestionOptions()).PollPriority(TimeSpan.FromMinutes(minutes)));
        Assert.Equal(priority, new Cadence(new IngestionOptions { Speed = 60 }).PollPriority(TimeSpan.FromSeconds(minutes)));
    }

    [Fact]
    public void Every_post_is_refreshed_within_the_slack_of_its_due_time_until_it_is_a_day_old()
    {
        var ages = Gen.Int[0, 90_000].Array[1, 40];
        Gen.Select(ages, Gen.OneOf(1, 7, 60)).Sample((seconds, speed) =>
        {
            var cadence = new Cadence(new IngestionOptions { Speed = speed });
            var schedule = new RefreshSchedule(cadence);
            var created = seconds.Select((age, i) => (Id: $"p{i}", At: Start - TimeSpan.FromSeconds(age) / speed)).ToDictionary(post => post.Id, post => post.At);
            var observed = created.ToDictionary(post => post.Key, _ => Start);
            foreach (var (id, at) in created)
                schedule.Observed(id, at, Start);

            for (var now = Start; schedule.NextBatchAt() is { } at;)
            {
                Assert.True(at >= now);
                now = at;
                schedule.Expire(now);
                foreach (var id in schedule.TakeBatch(now, 100))
                {
                    var tier = cadence.RefreshTiers[cadence.TierAt(observed[id] - created[id])!.Value];
                    var due = observed[id] + tier.Interval;
                    Assert.InRange(now, due - tier.Slack, due + tier.Slack);
                    Assert.True(due - created[id] < cadence.Horizon);
                    observed[id] = now;
                    schedule.Observed(id, created[id], now);
                }
            }

            Assert.All(observed, post => Assert.True(
                cadence.TierAt(post.Value - created[post.Key]) is not { } tier
                || post.Value + cadence.RefreshTiers[tier].Interval - created[post.Key] >= cadence.Horizon));
            schedule.Expire(Start + cadence.Horizon * 1.1);
            Assert.Equal(0, schedule.Count);
        }, iter: 200);
    }

    [Fact]
    public void A_trickle_of_posts_shares_requests()
    {
        var schedule = new RefreshSchedule(new Cadence(new IngestionOptions()));
        // One post every ten seconds, each due five minutes later: the slack of 30 s on either side makes one request of seven.
        for (var i = 0; i < 60; i++)
            schedule.Observed($"p{i}", Start.AddSeconds(10 * i), Start.AddSeconds(10 * i));

        var first = schedule.NextBatchAt()!.Value;

        Assert.Equal(Start.AddSeconds(330), first);
        Assert.Equal(["p0", "p1", "p2", "p3", "p4", "p5", "p6"], schedule.TakeBatch(first, 100));
    }

    [Fact]
    public void The_most_overdue_come_first_and_a_batch_has_no_more_than_its_size()
    {
        var schedule = new RefreshSchedule(new Cadence(new IngestionOptions()));
        for (var i = 0; i < 250; i++)
            schedule.Observed($"p{i}", Start.AddSeconds(-i), Start.AddSeconds(-i));

        var batch = schedule.TakeBatch(Start.AddHours(1), 100);

        Assert.Equal(Enumerable.Range(150, 100).Reverse().Select(i => $"p{i}"), batch);
        Assert.Equal(150, schedule.CountOverdue(Start.AddHours(1)));
    }

    [Fact]
    public void A_batch_that_came_to_nothing_is_as_overdue_as_before_and_comes_once()
    {
        var schedule = new RefreshSchedule(new Cadence(new IngestionOptions()));
        schedule.Observed("a", Start, Start);
        var due = schedule.NextBatchAt();
        var batch = schedule.TakeBatch(due!.Value, 100);

        Assert.Null(schedule.NextBatchAt());
        schedule.Return(batch);
        schedule.Return(batch);

        Assert.Equal(due, schedule.NextBatchAt());
        Assert.Equal(["a"], schedule.TakeBatch(due.Value, 100));
    }

    [Fact]
    public void A_post_that_three_answers_in_a_row_leave_out_is_given_up()
    {
        var schedule = new RefreshSchedule(new Cadence(new IngestionOptions()));
        schedule.Observed("a", Start, Start);

        Assert.False(schedule.Missed("a", Start.AddMinutes(5)));
        Assert.False(schedule.Missed("a", Start.AddMinutes(10)));
        schedule.Observed("a", Start, Start.AddMinutes(15));
        Assert.False(schedule.Missed("a", Start.AddMinutes(20)));
        Assert.False(schedule.Missed("a", Start.AddMinutes(25)));
        Assert.True(schedule.Missed("a", Start.AddMinutes(30)));
        Assert.Null(schedule.NextBatchAt());
    }
}
