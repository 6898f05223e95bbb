using SignalFlow.Benchmarks.Ingest;
using SignalFlow.Contracts;
using SignalFlow.Ingestion;

namespace SignalFlow.Tests.Benchmarks;

/// <summary>The harness must find what it is there to find: each fault is put between the planner and the checks on purpose.</summary>
public sealed class IngestRunTests
{
    private const string Table = """
        name	topic	tier	posts_per_hour
        Alpha	news	fast	60
        Beta	questions	fast	60
        Gamma	sport	fast	60
        Delta	science	slow	30
        Epsilon	gaming	slow	30
        Zeta	culture	slow	30
        """;

    private static readonly IReadOnlySet<string> Nothing = new HashSet<string>();

    [Fact]
    public async Task Whoever_does_his_work_is_not_blamed()
    {
        var report = await RunAsync(sink => sink);

        Assert.True(report.Posts > 50, $"{report.Posts} posts");
        Assert.True(report.Refreshes > 50, $"{report.Refreshes} refreshes");
        Assert.Equal((0, 0, 0, 0), (report.Missed, report.RawTwice, report.RefreshBeforeRaw, report.RefreshesNeverCame));
        Assert.Equal(100, report.OnTimePct);
        Assert.InRange(report.DelayP95S, 1, 75);
        Assert.InRange(report.RequestsPerMin, 1, 100);
    }

    [Fact]
    public async Task A_post_that_is_dropped_is_missed()
    {
        string? dropped = null;
        var report = await RunAsync(sink => (topic, observations, cancel) =>
        {
            dropped ??= topic == KafkaTopics.Raw ? NewPost(observations) : null;
            return ConfirmAllAsync(sink, topic, [.. observations.Where(post => post.Id != dropped)], observations, cancel);
        });

        Assert.Equal(1, report.Missed);
        Assert.Contains(dropped!, report.MissedExamples[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_that_is_new_twice_is_noticed()
    {
        var doubled = 0;
        var report = await RunAsync(sink => async (topic, observations, cancel) =>
        {
            var published = await sink(topic, observations, cancel);
            if (topic == KafkaTopics.Raw && observations.Count > 0 && doubled++ == 0)
                await sink(topic, [observations.First()], cancel);
            return published;
        });

        Assert.Equal(1, report.RawTwice);
    }

    [Fact]
    public async Task A_refresh_without_a_first_observation_is_noticed()
    {
        string? held = null;
        var report = await RunAsync(sink => (topic, observations, cancel) =>
        {
            held ??= topic == KafkaTopics.Raw ? NewPost(observations) : null;
            var kept = topic == KafkaTopics.Raw ? observations.Where(post => post.Id != held).ToList() : observations;
            return ConfirmAllAsync(sink, topic, kept, observations, cancel);
        });

        Assert.Equal(1, report.RefreshBeforeRaw);
    }

    [Fact]
    public async Task Refreshes_that_come_late_or_never_are_not_on_time()
    {
        var kept = new HashSet<string>();
        var report = await RunAsync(sink => (topic, observations, cancel) =>
        {
            // Every other one of a post is lost, so those between them come after twice the interval, or not at all.
            var half = topic == KafkaTopics.Refresh ? observations.Where(post => !kept.Add(post.Id) && kept.Remove(post.Id)).ToList() : observations;
            return ConfirmAllAsync(sink, topic, half, observations, cancel);
        });

        Assert.Equal(0, report.Missed);
        Assert.Equal(0, report.OnTimePct);
        Assert.True(report.RefreshesNeverCame > 20, $"{report.RefreshesNeverCame} never came");
    }

    [Fact]
    public async Task Outages_and_failing_answers_happen_on_the_simulated_clock()
    {
        var report = await new IngestRun
        {
            Scenario = Scenario.Named("faulty") with { PostsPerDay = 5_000 },
            Duration = TimeSpan.FromMinutes(40),
        }.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, report.Missed);
        Assert.True(report.FailedByStatus["503"] > 5, $"{report.FailedByStatus["503"]} answers of 503");
        // A post of the outage is found after it.
        Assert.InRange(report.DelayMaxS, 150, 900);
    }

    [Theory]
    [InlineData("original")]
    [InlineData("original-as-run")]
    public async Task The_model_of_the_original_finds_posts_and_falls_behind_with_refreshes(string scenario)
    {
        var report = await new IngestRun { Scenario = Scenario.Named(scenario), Duration = TimeSpan.FromMinutes(15) }
            .RunAsync(TestContext.Current.CancellationToken);

        Assert.True(report.Posts > 300);
        Assert.InRange(report.OnTimePct, 0, 60);
        Assert.InRange(report.PeakMinute, 60, 101);
    }

    /// <summary>Two intervals of a slow subreddit and several refreshes of its posts, which no listing shows in between.</summary>
    private static Task<IngestReport> RunAsync(Func<ObservationSink, ObservationSink> tamper) => new IngestRun
    {
        Scenario = Scenario.Named("early") with { Table = Table, PostsPerDay = 12_000 },
        Duration = TimeSpan.FromMinutes(21),
        BackfillHours = 1,
        Tamper = tamper,
    }.RunAsync(TestContext.Current.CancellationToken);

    private static async Task<IReadOnlySet<string>> ConfirmAllAsync(
        ObservationSink sink,
        string topic,
        IReadOnlyCollection<PostObservation> kept,
        IReadOnlyCollection<PostObservation> all,
        CancellationToken cancel)
    {
        await sink(topic, kept, cancel);
        return all.Count == 0 ? Nothing : all.Select(post => post.Id).ToHashSet();
    }

    /// <summary>One that came during the run, and soon enough to be refreshed in it.</summary>
    private static string? NewPost(IEnumerable<PostObservation> observations) =>
        observations.FirstOrDefault(post => post.ObservedAt - post.CreatedUtc < 60 && post.CreatedUtc > Seconds(IngestRun.Start) + 10)?.Id;

    private static double Seconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;
}
