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

    [Theory]
    [InlineData("seed", "5:5 60:30 1440:120")]
    [InlineData("early", "120:3 360:10 1440:30")]
    public void A_preset_is_a_schedule(string preset, string tiers) => Assert.Equal(
        tiers,
        string.Join(' ', new Cadence(new IngestionOptions { RefreshPreset = preset }).RefreshTiers
            .Select(tier => $"{tier.MaxAge.TotalMinutes}:{tier.Interval.TotalMinutes}")));

    [Fact]
    public void A_schedule_of_ones_own_replaces_the_preset()
    {
        var options = new IngestionOptions();
        options.RefreshTiers.Add(new() { MaxAge = TimeSpan.FromHours(1), Interval = TimeSpan.FromMinutes(1) });
        options.RefreshTiers.Add(new() { MaxAge = TimeSpan.FromHours(3), Interval = TimeSpan.FromMinutes(5) });
        options.RefreshTiers.Add(new() { MaxAge = TimeSpan.FromHours(9), Interval = TimeSpan.FromMinutes(9) });
        options.RefreshTiers.Add(new() { MaxAge = TimeSpan.FromHours(48), Interval = TimeSpan.FromHours(1) });

        var cadence = new Cadence(options);

        Assert.Equal(["aggressive", "normal", "normal", "slow"], cadence.RefreshTiers.Select(tier => tier.Name));
        Assert.Equal(TimeSpan.FromHours(48), cadence.Horizon);
    }

    [Fact]
    public void Every_post_is_refreshed_within_the_slack_of_its_due_time_until_it_is_too_old()
    {
        var ages = Gen.Int[0, 90_000].Array[1, 40];
        Gen.Select(ages, Gen.OneOf(1, 7, 60), Gen.OneOf("seed", "early")).Sample((seconds, speed, preset) =>
        {
            var cadence = new Cadence(new IngestionOptions { Speed = speed, RefreshPreset = preset });
            var schedule = new RefreshSchedule(cadence);
            var created = seconds.Select((age, i) => (Id: $"p{i}", At: Start - TimeSpan.FromSeconds(age) / speed))
                .ToDictionary(post => post.Id, post => post.At);
            var observed = created.ToDictionary(post => post.Key, _ => Start);
            foreach (var (id, at) in created)
                Observe(schedule, id, at, Start);

            for (var now = Start; schedule.NextBatchAt() is { } at;)
            {
                Assert.True(at >= now);
                now = at;
                schedule.Expire(now, _ => { });
                foreach (var id in schedule.TakeBatch(now, 100))
                {
                    var tier = cadence.RefreshTiers[cadence.TierAt(observed[id] - created[id])!.Value];
                    var due = observed[id] + tier.Interval;
                    Assert.InRange(now, due - tier.Slack, due + tier.Slack);
                    Assert.True(due - created[id] < cadence.Horizon);
                    observed[id] = now;
                    Observe(schedule, id, created[id], now);
                }
            }

            Assert.All(observed, post => Assert.True(
                cadence.TierAt(post.Value - created[post.Key]) is not { } tier
                || post.Value + cadence.RefreshTiers[tier].Interval - created[post.Key] >= cadence.Horizon));
            schedule.Expire(Start + cadence.Horizon * 1.1, _ => { });
            Assert.Equal(0, schedule.Count);
        }, iter: 100);
    }

    [Fact]
    public void A_trickle_of_posts_shares_requests()
    {
        var schedule = NewSchedule();
        // One post every ten seconds, each due five minutes later: the slack of 30 s on either side makes one request of seven.
        for (var i = 0; i < 60; i++)
            Observe(schedule, $"p{i}", Start.AddSeconds(10 * i), Start.AddSeconds(10 * i));

        var first = schedule.NextBatchAt()!.Value;

        Assert.Equal(Start.AddSeconds(330), first);
        Assert.Equal(["p0", "p1", "p2", "p3", "p4", "p5", "p6"], schedule.TakeBatch(first, 100));
    }

    [Fact]
    public void An_observation_by_the_way_moves_the_due_time_and_one_from_before_does_not()
    {
        var schedule = NewSchedule();
        var post = Observe(schedule, "a", Start, Start);

        schedule.Observed(post, Start.AddMinutes(2), 5, 0);
        schedule.Observed(post, Start.AddMinutes(1), 3, 0);

        Assert.Equal(Start.AddMinutes(2 + 5 + 0.5), schedule.NextBatchAt());
        Assert.Equal(5, post.Score);
    }

    [Fact]
    public void The_most_overdue_come_first_and_a_batch_has_no_more_than_its_size()
    {
        var schedule = NewSchedule();
        foreach (var i in Enumerable.Range(0, 250).Reverse())
            Observe(schedule, $"p{i}", Start.AddSeconds(-i), Start.AddSeconds(-i));

        var batch = schedule.TakeBatch(Start.AddHours(1), 100);

        Assert.Equal(Enumerable.Range(150, 100).Reverse().Select(i => $"p{i}"), batch);
        Assert.Equal(150, schedule.CountOverdue(Start.AddHours(1)));
    }

    [Fact]
    public void A_batch_that_came_to_nothing_is_as_overdue_as_before_and_comes_once()
    {
        var schedule = NewSchedule();
        var posts = Enumerable.Range(0, 5).Select(i => Observe(schedule, $"p{i}", Start.AddSeconds(i), Start.AddSeconds(i))).ToList();
        var due = schedule.NextBatchAt();
        var batch = schedule.TakeBatch(due!.Value, 3);
        var rest = schedule.NextBatchAt();

        // In whatever order they come back.
        schedule.Return(posts[2]);
        schedule.Return(posts[0]);
        schedule.Return(posts[1]);
        schedule.Return(posts[1]);

        Assert.Equal(due.Value.AddSeconds(3), rest);
        Assert.Equal(due, schedule.NextBatchAt());
        Assert.Equal(["p0", "p1", "p2", "p3", "p4"], schedule.TakeBatch(due.Value, 100));
        Assert.Equal(["p0", "p1", "p2"], batch);
    }

    [Fact]
    public void A_post_that_two_answers_in_a_row_leave_out_is_gone()
    {
        var schedule = NewSchedule();
        var post = Observe(schedule, "a", Start, Start);

        Assert.False(schedule.Missed(post, Start.AddMinutes(5), suspect: false));
        schedule.Observed(post, Start.AddMinutes(10), 1, 0);
        Assert.False(schedule.Missed(post, Start.AddMinutes(15), suspect: false));
        Assert.True(schedule.Missed(post, Start.AddMinutes(20), suspect: false));
    }

    [Fact]
    public void Answers_that_leave_everything_out_are_believed_only_when_they_keep_coming()
    {
        var schedule = NewSchedule();
        var post = Observe(schedule, "a", Start, Start);

        Assert.False(schedule.Missed(post, Start.AddMinutes(5), suspect: true));
        Assert.False(schedule.Missed(post, Start.AddMinutes(20), suspect: true));
        Assert.True(schedule.Missed(post, Start.AddMinutes(36), suspect: true));
    }

    [Fact]
    public void A_smaller_quota_makes_the_oldest_and_quietest_wait_first_and_none_for_ever()
    {
        var schedule = NewSchedule("early");
        // Each of the six classes has 1,000 posts: young, middle and old, lively and quiet.
        foreach (var (age, tier) in ((double, int)[])[(1, 0), (4, 1), (12, 2)])
        {
            for (var i = 0; i < 2_000; i++)
            {
                var post = schedule.Follow($"{tier}-{i}", "s", Start.AddHours(-age), Start.AddHours(-age));
                schedule.Observed(post, Start, 1, 0, quiet: i % 2 == 1);
            }
        }

        // Posts an hour: 2 x 20,000, 2 x 6,000, 2 x 2,000.
        const double Demand = 56_000;
        var stretches = ((double[])[Demand, 55_000, 50_000, 40_000, 20_000, 7_000, 1_000]).Select(quota =>
        {
            schedule.Fit(quota);
            return IntervalsOf(schedule);
        }).ToList();

        Assert.Equal([3, 3, 10, 10, 30, 30], stretches[0]);
        Assert.Equal([3, 3, 10, 10, 30, 60], stretches[1]);
        // The lower the quota, the longer every interval; and a class waits only when all after it wait as long as they may.
        foreach (var (more, less) in stretches.Zip(stretches.Skip(1)))
            Assert.All(more.Zip(less), pair => Assert.True(pair.First <= pair.Second));
        Assert.Equal([24, 24, 80, 80, 240, 240], stretches[5]);
        Assert.All(stretches.Take(6), intervals =>
        {
            double[] full = [3, 3, 10, 10, 30, 30];
            var first = Enumerable.Range(0, 6).FirstOrDefault(i => intervals[i] > full[i] * 1.001, 5);
            Assert.All(Enumerable.Range(first + 1, 5 - first), i => Assert.Equal(8 * full[i], intervals[i], 0.1));
        });
        // All fit into what there is.
        Assert.All(stretches.Zip((double[])[Demand, 55_000, 50_000, 40_000, 20_000, 7_000, 1_000]), pair =>
            Assert.InRange(pair.First.Sum(interval => 1_000 * 60 / interval), 0, pair.Second * 1.001));
    }

    [Fact]
    public void A_quiet_post_becomes_lively_when_something_happens()
    {
        var schedule = NewSchedule("early");
        var post = Observe(schedule, "a", Start, Start, score: 10);
        var lively = post.Class;

        schedule.Observed(post, Start.AddMinutes(3), 11, 0);
        Assert.NotSame(lively, post.Class);
        schedule.Observed(post, Start.AddMinutes(6), 11, 1);
        Assert.Same(lively, post.Class);
        schedule.Observed(post, Start.AddMinutes(9), 8, 1);
        Assert.Same(lively, post.Class);
    }

    [Fact]
    public void The_list_of_a_class_stays_whole_and_in_order_whatever_happens_to_its_posts()
    {
        Gen.Select(Gen.Int[0, 19], Gen.Int[0, 4], Gen.Int[0, 100]).Array[1, 200].Sample(steps =>
        {
            var schedule = NewSchedule();
            var posts = Enumerable.Range(0, 20).Select(i => Observe(schedule, $"p{i}", Start.AddHours(-2), Start)).ToList();
            var now = Start;
            foreach (var (index, action, seconds) in steps)
            {
                now += TimeSpan.FromSeconds(seconds * 60);
                switch (action)
                {
                    case 0: schedule.Observed(posts[index], now, seconds, 0); break;
                    case 1: schedule.TakeBatch(now, index); break;
                    case 2: schedule.Return(posts[index]); break;
                    case 3: schedule.LookAgain(posts[index], now); break;
                    default: schedule.Observed(posts[index], now - TimeSpan.FromSeconds(seconds * 120), seconds, 0); break;
                }
            }

            foreach (var @class in posts.Select(post => post.Class).OfType<RefreshClass>().Distinct())
            {
                var listed = new List<FollowedPost>();
                for (var post = @class.First; post is not null; post = post.Next)
                    listed.Add(post);
                Assert.Equal(@class.Count, listed.Count);
                Assert.Equal(listed.OrderBy(post => post.ObservedAt).Select(post => post.ObservedAt), listed.Select(post => post.ObservedAt));
                Assert.All(listed, post => Assert.False(post.InFlight));
            }

            // Nothing is lost: what is not in flight and not too old stands in a list.
            Assert.All(posts, post => Assert.True(
                post.InFlight || post.Queue is not null
                || post.ObservedAt + TimeSpan.FromHours(2).Ticks - post.CreatedAt.UtcTicks >= TimeSpan.FromHours(24).Ticks));
        });
    }

    private static RefreshSchedule NewSchedule(string preset = "seed") => new(new Cadence(new IngestionOptions { RefreshPreset = preset }));

    private static FollowedPost Observe(RefreshSchedule schedule, string id, DateTimeOffset createdAt, DateTimeOffset at, int score = 1)
    {
        var post = schedule.Follow(id, "s", createdAt, at);
        schedule.Observed(post, at, score, 0);
        return post;
    }

    private static List<double> IntervalsOf(RefreshSchedule schedule) =>
        [.. Enumerable.Range(0, 6).Select(i => schedule.Find($"{i / 2}-{i % 2}")!.Class!.Interval.TotalMinutes)];
}
