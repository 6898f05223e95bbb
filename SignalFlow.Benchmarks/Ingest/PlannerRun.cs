using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.RedditSimulator.World;
using SignalFlow.Storage.Ingestion;
using SignalFlow.Storage.Posts;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>
/// What planning costs: 1,000 subreddits, the posts of a day taken over from an earlier run, and the answers made in the process. Counted is
/// all processor time but that of making them: planner, client, JSON reading, and this loop.
/// </summary>
internal sealed class PlannerRun
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(1);

    public int Seed { get; init; } = 1;

    public async Task<PlannerReport> RunAsync(CancellationToken cancellationToken)
    {
        var scenario = Scenario.Named("thousand");
        var time = new FakeTimeProvider(IngestRun.Start);
        var table = scenario.ReadTable();
        var world = new SyntheticWorld(Seed, Day.TotalHours, table: table);
        var transport = new WorldTransport(world, new WorldClock(time, 1));
        var context = new IngestContext(
            scenario, table, time, new ObservationLog([]), new RequestMeter(time, TimeSpan.FromMilliseconds(150)), RequestsPerMinute: 100, Seed);
        await using var services = context.CreateClient(new Uri("http://reddit.invalid"), transport);
        var client = services.GetRequiredService<RedditClient>();

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var planner = new PlannerIngester(context, client, services.GetRequiredService<IngestionMetrics>(), (_, observations, _) =>
            Task.FromResult<IReadOnlySet<string>>(observations.Select(observation => observation.Id).ToHashSet()));
        var restored = Restore(planner, world, table);
        await DriveAsync(planner, time, IngestRun.Start + WarmUp, cancellationToken);
        var (requests, cpu) = (context.Meter.Total, Environment.CpuUsage.TotalTime - transport.Cpu);
        await DriveAsync(planner, time, IngestRun.Start + WarmUp + Duration, cancellationToken);
        cpu = Environment.CpuUsage.TotalTime - transport.Cpu - cpu;
        var memory = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(planner);
        return new PlannerReport
        {
            Hours = Duration.TotalHours,
            Subreddits = table.Entries.Count,
            Posts = restored,
            RequestsPerMin = Math.Round((context.Meter.Total - requests) / Duration.TotalMinutes, 2),
            PlannerCpuPct = Math.Round(100 * cpu / Duration, 3),
            PlannerMb = Math.Round(memory / 1e6, 1),
        };
    }

    /// <summary>As after a run without end: each post was last looked at some part of its interval ago.</summary>
    private static int Restore(PlannerIngester planner, SyntheticWorld world, SubredditTable table)
    {
        var steps = planner.RefreshSteps;
        var posts = new List<TrackedPost>();
        foreach (var entry in table.Entries)
        {
            var stream = world.Find(entry.Name)!;
            var end = stream.CountUntil(TimeSpan.Zero);
            for (var index = stream.CountUntil(-Day); index < end; index++)
            {
                var created = stream.CreatedAt(index);
                if (RefreshStep.At(steps, -created) is not { } step)
                    continue;
                var ago = step.Interval * SplitMix64.Fraction(stream.KeyOf(index));
                var last = IngestRun.Start - (ago < -created ? ago : -created);
                var id = PostId.Format(stream.Id, index);
                posts.Add(new TrackedPost(
                    id, entry.Name, IngestRun.Start + created, IngestRun.Start + created, last,
                    Score: 1, Comments: 0, IsQuiet: index % 2 == 0, IsPurged: false));
            }
        }

        planner.Restore(new IngestionState(
            posts,
            [.. table.Entries.Select(entry => new StoredSubreddit(
                entry.Name, CoveredAt: IngestRun.Start, BackfilledAt: IngestRun.Start - Day, BackfilledPosts: 1_000, Gaps: 0, LastGapAt: null))],
            new SweepProgress(null, null, IngestRun.Start)));
        return posts.Count;
    }

    private static async Task DriveAsync(PlannerIngester planner, FakeTimeProvider time, DateTimeOffset end, CancellationToken cancellationToken)
    {
        while (time.GetUtcNow() is var now && now < end)
        {
            if (await planner.StepAsync(cancellationToken) is { } next)
                time.SetUtcNow(next <= now ? now + TimeSpan.FromMilliseconds(1) : next < end ? next : end);
        }
    }
}

/// <summary>What planning costs. Its JSON is the last line of the output.</summary>
internal sealed record PlannerReport
{
    public string Scenario { get; init; } = "planner";
    public required double Hours { get; init; }
    public required int Subreddits { get; init; }
    public required int Posts { get; init; }
    public required double RequestsPerMin { get; init; }

    /// <summary>Of one core.</summary>
    public required double PlannerCpuPct { get; init; }

    /// <summary>Managed memory that the planner holds at the end.</summary>
    public required double PlannerMb { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, IngestJsonContext.Default.PlannerReport);

    public void Print(TextWriter output) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"planner, {Subreddits:N0} subreddits, {Posts:N0} posts taken over, {Hours:0.##} simulated hours: "
            + $"{RequestsPerMin:F1} requests/min, {PlannerCpuPct:F2} % of a core, {PlannerMb:F0} MB"));
}
