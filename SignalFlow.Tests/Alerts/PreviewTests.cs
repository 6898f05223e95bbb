using CsCheck;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Rules;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Alerts;

public sealed class PreviewTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_rule_that_is_tried_fires_as_one_that_was_at_work()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        var end = alerts.Now.AddDays(7);
        RuleCondition[] conditions =
        [
            new() { Kind = AlertKinds.Query, Query = "rocket", DedupeMinutes = 0 },
            new() { Kind = AlertKinds.Query, Query = "rocket OR boat -sub:science", DedupeMinutes = 720 },
            new() { Kind = AlertKinds.Author, Authors = ["Ana", "bob"], DedupeMinutes = 60 },
            new() { Kind = AlertKinds.Surge, Sensitivity = AlertSensitivity.Medium, DedupeMinutes = 1440 },
            new() { Kind = AlertKinds.Volume, Query = "rocket", Sensitivity = AlertSensitivity.High, DedupeMinutes = 0 },
        ];
        var rules = new List<AlertRule>();
        foreach (var condition in conditions)
            rules.Add(await alerts.AddRuleAsync(condition));

        // What the hours before bring: three posts of rockets each.
        await alerts.StoreAsync([.. from day in Enumerable.Range(1, 8)
                                    from number in Enumerable.Range(0, 3)
                                    select alerts.Post($"u{day}n{number}", "rocket", createdAt: end.AddDays(-day).AddMinutes(-150 + number))]);
        await alerts.CountAsync();
        string[] titles = ["rocket", "boat", "rocket boat", "nothing"], authors = ["ana", "Bob", "carl"], subreddits = ["technology", "science"];
        for (var step = 0; step < 24; step++)
        {
            alerts.Time.SetUtcNow(end.AddDays(-1).AddHours(step));
            await alerts.StoreAsync([.. Enumerable.Range(0, step == 21 ? 30 : 4).Select(number => alerts.Post(
                $"s{step}n{number}", step == 21 ? "rocket" : titles[(step + number) % 4], subreddits[number % 2], authors[(step * number) % 3],
                createdAt: alerts.Now.AddMinutes(30), topic: number % 3))]);
            await alerts.NoticeAsync(alerts.Surge($"e{step}", step % 9, $"s{step % 5}n0"));
            await alerts.CountAsync();
            await alerts.EvaluateAsync();
        }

        alerts.Time.SetUtcNow(end);
        await alerts.CountAsync();
        await alerts.EvaluateAsync();
        foreach (var rule in rules)
        {
            var tried = await alerts.TryAsync(rule.Condition);
            var keys = tried.Matches.Select(match => match.KeyOf(rule.Condition.Dedupe)).Order(StringComparer.Ordinal).ToList();
            Assert.NotEmpty(keys);
            // What happened before the rule was made, it could not fire on.
            Assert.Equal(await alerts.KeysAsync(rule), keys);
        }
    }

    [Fact]
    public async Task The_more_sensitive_the_more_alerts()
    {
        await using var alerts = await AlertDatabase.CreateAsync(postgres);
        await alerts.NoticeAsync(
            alerts.Surge("a", 3, at: alerts.Now.AddDays(-1)), alerts.Surge("b", 5, at: alerts.Now.AddDays(-2)),
            alerts.Surge("c", 8, at: alerts.Now.AddDays(-3)), alerts.Surge("d", 9, at: alerts.Now.AddDays(-8)));
        var tried = await alerts.TryAsync(new() { Kind = AlertKinds.Surge, Sensitivity = AlertSensitivity.Medium, DedupeMinutes = 0 });
        Assert.Equal(["c", "b"], tried.Matches.Select(match => match.Own));
        Assert.Equal((1, 2, 3), (tried.PerSensitivity["low"], tried.PerSensitivity["medium"], tried.PerSensitivity["high"]));
    }

    [Fact]
    public void An_hour_is_unusual_beyond_what_chance_and_its_history_explain()
    {
        var hour = new DateTime(2026, 11, 23, 12, 0, 0, DateTimeKind.Utc);
        Assert.Null(VolumeBaseline.Of(hour, _ => null));
        var quiet = VolumeBaseline.Of(hour, _ => 0)!.Value;
        Assert.Equal((0, 1), (quiet.Expected, quiet.Deviation));
        var steady = VolumeBaseline.Of(hour, _ => 100)!.Value;
        Assert.Equal((100, 10), (steady.Expected, steady.Deviation));
        // One week that was extraordinary moves nothing.
        Assert.Equal(steady, VolumeBaseline.Of(hour, at => at == hour.AddDays(-14) ? 10_000 : 100));
        // Weeks that are not stored are left out; where too few are left, the days before tell.
        Assert.Equal(7, VolumeBaseline.Of(hour, at => at < hour.AddDays(-7) ? null : 7)!.Value.Expected);

        Gen.Select(Gen.Long[0, 1_000].Array[28 * 24], Gen.Long[0, 1_000], Gen.Long[0, 1_000]).Sample((counts, one, other) =>
        {
            var usual = VolumeBaseline.Of(hour, at => counts[(int)(hour - at).TotalHours % counts.Length])!.Value;
            Assert.True(usual.Deviation >= Math.Max(1, Math.Sqrt(usual.Expected)));
            Assert.Equal(one.CompareTo(other), usual.StrengthOf(one).CompareTo(usual.StrengthOf(other)));
        }, iter: 200);
    }
}
