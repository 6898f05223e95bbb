using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>
/// A simulated day of ingestion as a sequence of events: the planner is asked, its request is sent over real HTTP, and between requests the
/// clock, which all parts share, jumps to the next instant at which something is due.
/// </summary>
internal sealed class IngestRun
{
    /// <summary>Not 14 h like in the world by chance: real and simulated time have nothing to do with each other.</summary>
    public static readonly DateTimeOffset Start = new(2026, 3, 5, 14, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromHours(4);

    public required Scenario Scenario { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(24);

    public int Seed { get; init; } = 1;

    public int RequestsPerMinute { get; init; } = 100;

    public double BackfillHours { get; init; } = 24;

    /// <summary>Stands between the planner and what is checked, to see that the checks see.</summary>
    public Func<ObservationSink, ObservationSink> Tamper { get; init; } = sink => sink;

    public TextWriter Progress { get; init; } = TextWriter.Null;

    public async Task<IngestReport> RunAsync(CancellationToken cancellationToken)
    {
        var (began, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        var time = new FakeTimeProvider(Start);
        await using var server = await SimulatorServer.StartAsync(Scenario, Seed, BackfillHours, time, cancellationToken);
        using var outages = Scenario.Faulty ? new Outages(time, server.Faults) : null;
        var steps = Scenario.Original is null ? PlannerIngester.StepsOf(Scenario) : OriginalIngester.DefaultSteps;
        var context = new IngestContext(
            Scenario, server.Table, time, new ObservationLog(steps), new RequestMeter(time, RoundTrip), RequestsPerMinute, Seed);
        await using var services = context.CreateClient(server.Address);
        var client = services.GetRequiredService<RedditClient>();
        var sink = Tamper(PublishTo(context.Log));
        IIngester ingester = Scenario.Original is null
            ? new PlannerIngester(context, client, services.GetRequiredService<IngestionMetrics>(), sink)
            : new OriginalIngester(context, client, server.Address, sink);

        await DriveAsync(ingester, context, cancellationToken);
        var truth = GroundTruth.Compare(
            server, context.Log, Start, Duration, ingester.PollInterval, Scenario.Faulty ? Outages.Within : (_, _) => TimeSpan.Zero);
        var missing = context.Log.CountMissing(Start + Duration, id => server.World.Find(id, Duration) is not null);
        return Report(context, truth, missing) with
        {
            WallS = Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 1),
            CpuS = Math.Round((Environment.CpuUsage.TotalTime - cpu).TotalSeconds, 1),
        };
    }

    private async Task DriveAsync(IIngester ingester, IngestContext context, CancellationToken cancellationToken)
    {
        var end = Start + Duration;
        var progressAt = Start + ProgressEvery;
        while (context.Time.GetUtcNow() is var now && now < end)
        {
            if (await ingester.StepAsync(cancellationToken) is { } next)
            {
                // Whoever says "now" without sending anything would otherwise stop the clock.
                var soonest = now + TimeSpan.FromMilliseconds(1);
                var at = next > soonest ? next : soonest;
                context.Time.SetUtcNow(at < end ? at : end);
            }

            if (now >= progressAt)
            {
                progressAt += ProgressEvery;
                var (log, hours) = (context.Log, (now - Start).TotalHours);
                await Progress.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"after {hours:F0} h: {context.Meter.Total:N0} requests, {log.Posts:N0} posts, {log.OnTime + log.OffTime:N0} refreshes"));
            }
        }
    }

    /// <summary>A Kafka that takes everything.</summary>
    private static ObservationSink PublishTo(ObservationLog log) => (topic, observations, _) =>
    {
        log.Add(topic, observations);
        return Task.FromResult<IReadOnlySet<string>>(observations.Select(observation => observation.Id).ToHashSet());
    };

    private IngestReport Report(IngestContext context, GroundTruth truth, int missing)
    {
        var (log, meter) = (context.Log, context.Meter);
        var (perMinute, peak) = meter.After(WarmUp, Duration);
        var due = log.OnTime + log.OffTime + missing;
        return new IngestReport
        {
            Scenario = Scenario.Name,
            Hours = Duration.TotalHours,
            Seed = Seed,
            RequestsPerMin = Math.Round(perMinute, 2),
            // After an outage what has been removed meanwhile is out of anybody's reach.
            Missed = Scenario.Faulty ? truth.Missed - truth.MissedGone : truth.Missed,
            MissedGone = truth.MissedGone,
            DelayP95S = Math.Round(truth.Delay("fast", 0.95), 1),
            OnTimePct = Math.Round(due == 0 ? 100 : 100.0 * log.OnTime / due, 2),
            PeakMinute = peak,
            RequestsTotal = meter.Total,
            RequestsByKind = meter.ByKind,
            FailedByStatus = meter.Failures,
            Posts = truth.Posts,
            Refreshes = log.OnTime + log.OffTime,
            RefreshesNeverCame = missing,
            Removals = log.Removals,
            RawTwice = log.RawTwice,
            RefreshBeforeRaw = log.RefreshBeforeRaw,
            DelayP50S = Math.Round(truth.Delay("fast", 0.5), 1),
            DelayMaxS = Math.Round(truth.Delay("fast", 1), 1),
            MediumDelayP95S = Math.Round(truth.Delay("medium", 0.95), 1),
            SlowDelayP95S = Math.Round(truth.Delay("slow", 0.95), 1),
            WallS = 0,
            CpuS = 0,
            MissedExamples = truth.Examples,
            ByHour = [.. Enumerable.Range(0, (int)Math.Ceiling(Duration.TotalHours)).Select(hour => new HourReport(
                hour, meter.InHour(hour), truth.MissedIn(hour), truth.Delay("fast", 0.95, hour), log.OnTimePctIn(Start + TimeSpan.FromHours(hour))))],
        };
    }
}
