using Microsoft.Extensions.Logging.Abstractions;
using SignalFlow.Contracts;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.Storage.Ingestion;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>The planner, the exchange and the client of SignalFlow.Ingestion. All that knows their shape is in this file.</summary>
internal sealed class PlannerIngester : IIngester
{
    private const int OldPostsPage = 2_000;

    private readonly IngestionOptions _options;
    private readonly RequestPlanner _planner;
    private readonly RequestExchange _exchange;
    private readonly ObservationLog _log;
    private readonly RequestMeter _meter;
    private readonly TimeProvider _time;

    public PlannerIngester(IngestContext context, RedditClient client, IngestionMetrics metrics, ObservationSink sink)
    {
        (_log, _meter, _time) = (context.Log, context.Meter, context.Time);
        _options = OptionsOf(context.Scenario);
        _planner = new RequestPlanner(_options, context.RequestsPerMinute, context.Time, new Random(context.Seed));
        _exchange = new RequestExchange(_planner, client, sink, FindKnown, metrics, new ExchangeLog(NullLogger<RequestExchange>.Instance));
        _planner.Configure([.. context.Table.Entries.Select(entry => new SubredditConfig(entry.Name, entry.Tier, null))]);
    }

    public IReadOnlyList<RefreshStep> RefreshSteps => StepsOf(_options);

    public static IReadOnlyList<RefreshStep> StepsOf(Scenario scenario) => StepsOf(OptionsOf(scenario));

    public TimeSpan PollInterval(string tier) => _planner.Cadence.PollInterval(new SubredditConfig("", tier, null));

    /// <summary>Takes over what an earlier run has stored.</summary>
    public void Restore(IngestionState state) => _planner.Restore(state);

    public async Task<DateTimeOffset?> StepAsync(CancellationToken cancellationToken)
    {
        Plan plan;
        lock (_planner.Gate)
        {
            if (_planner.OldPosts.TakeLoad(_time.GetUtcNow()) is { } load)
                Offer(load);
            plan = _planner.Next();
        }

        if (plan.Request is not { } request)
            return plan.At;

        (_meter.Kind, _log.AskedFor) = (NameOf(request), request switch
        {
            PlannedRequest.Refresh => AskedFor.Refresh,
            PlannedRequest.Sweep => AskedFor.Other,
            _ => AskedFor.Listing,
        });
        await _exchange.RunAsync(request, cancellationToken);
        return null;
    }

    /// <summary>What Reddit answers to an address of one's own; null: an error.</summary>
    public static async Task<(IReadOnlyList<PostObservation> Posts, DateTimeOffset At)?> FetchAsync(
        RedditClient client, string kind, string address, CancellationToken cancellationToken)
    {
        var cadence = new Cadence(new IngestionOptions());
        return await client.SendAsync(kind, address, cancellationToken) is RedditAnswer.Page page
            ? ([.. page.Listing.Posts.Select(post => post.ToObservation(page.ArrivedAt, cadence))], page.ArrivedAt)
            : null;
    }

    private static IngestionOptions OptionsOf(Scenario scenario) => new() { RefreshPreset = scenario.Preset };

    private static IReadOnlyList<RefreshStep> StepsOf(IngestionOptions options) =>
        [.. new Cadence(options).RefreshTiers.Select(tier => new RefreshStep(tier.MaxAge, tier.Interval))];

    private static string NameOf(PlannedRequest request) =>
        request is PlannedRequest.Poll { After: not null } ? $"{request.Kind} on" : request.Kind;

    /// <summary>The lookup of the database.</summary>
    private Task<IReadOnlySet<string>> FindKnown(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<string>>(ids.Where(id => _log.FirstSeen(id) is not null).ToHashSet());

    /// <summary>The sweep's page of the database.</summary>
    private void Offer(SweepLoad load)
    {
        var posts = _log.OlderThan(load.CreatedBefore, load.After is { } after ? (after.CreatedUtc, after.Id) : null)
            .Take(OldPostsPage)
            .Select(post => new OldPost(post.Id, "", post.Created, 0, 0))
            .ToList();
        _planner.OldPosts.Offer(posts, posts is [.., var last] ? new SweepCursor(last.CreatedAt, last.Id) : null);
    }
}
