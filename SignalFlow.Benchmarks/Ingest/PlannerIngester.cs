using SignalFlow.Contracts;
using SignalFlow.Ingestion;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Ingestion.Publishing;
using SignalFlow.Ingestion.Reddit;
using SignalFlow.RedditSimulator.World;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>Publishes observations and returns the ids that were taken.</summary>
internal delegate Task<IReadOnlySet<string>> Sink(
    string topic, IReadOnlyCollection<PostObservation> observations, CancellationToken cancellationToken);

/// <summary>The planner and the client of SignalFlow.Ingestion. All that knows their shape is in this file.</summary>
internal sealed class PlannerIngester : IIngester
{
    private readonly IngestionOptions _options;
    private readonly RequestPlanner _planner;
    private readonly RedditClient _client;
    private readonly Sink _sink;
    private readonly ObservationLog _log;
    private readonly RequestMeter _meter;

    public PlannerIngester(IngestContext context, RedditClient client, Sink sink)
    {
        _options = OptionsOf(context.Scenario);
        _planner = new RequestPlanner(_options, context.RequestsPerMinute, context.Time);
        _client = client;
        _sink = sink;
        _log = context.Log;
        _meter = context.Meter;
        _planner.Configure([.. context.Table.Entries.Select(entry => new SubredditConfig(entry.Name, entry.Tier, null))]);
    }

    public IReadOnlyList<RefreshStep> RefreshSteps => StepsOf(_options);

    public static IReadOnlyList<RefreshStep> StepsOf(Scenario scenario) => StepsOf(OptionsOf(scenario));

    public TimeSpan PollInterval(string tier) => _planner.Cadence.PollInterval(new SubredditConfig("", tier, null));

    /// <summary>Takes over posts of an earlier run.</summary>
    public void Restore(IReadOnlyList<TrackedPost> posts, IEnumerable<SubredditEntry> subreddits) =>
        _planner.Restore(posts, [.. subreddits.Select(entry => entry.Name)]);

    public async Task<DateTimeOffset?> StepAsync(CancellationToken cancellationToken)
    {
        var plan = _planner.Next();
        switch (plan.Request)
        {
            case null:
                return plan.At;
            case PlannedRequest.Poll poll:
                (_meter.Kind, _log.AskedFor) = (poll.After is null ? "new" : "new-after", AskedFor.Listing);
                await PollAsync(poll, cancellationToken);
                break;
            case PlannedRequest.Refresh refresh:
                (_meter.Kind, _log.AskedFor) = ("info", AskedFor.Refresh);
                await RefreshAsync(refresh, cancellationToken);
                break;
        }

        return null;
    }

    private static IngestionOptions OptionsOf(Scenario scenario) => scenario.Preset == "seed"
        ? new IngestionOptions()
        : throw new NotSupportedException($"The planner has no preset '{scenario.Preset}' yet.");

    private static IReadOnlyList<RefreshStep> StepsOf(IngestionOptions options) =>
        [.. new Cadence(options).RefreshTiers.Select(tier => new RefreshStep(tier.MaxAge, tier.Interval))];

    /// <summary>What Reddit answers to an address of one's own; null: an error.</summary>
    public static async Task<(IReadOnlyList<PostObservation> Posts, DateTimeOffset At)?> FetchAsync(
        RedditClient client, string endpoint, string address, CancellationToken cancellationToken)
    {
        var cadence = new Cadence(new IngestionOptions());
        return await client.SendAsync(endpoint, address, cancellationToken) is RedditAnswer.Page page
            ? ([.. page.Listing.Posts.Select(post => post.ToObservation(page.ArrivedAt, cadence))], page.ArrivedAt)
            : null;
    }

    private async Task PollAsync(PlannedRequest.Poll poll, CancellationToken cancellationToken)
    {
        var answer = await _client.GetNewAsync(poll.Subreddit, poll.After, cancellationToken);
        if (answer is not RedditAnswer.Page page)
        {
            _planner.Fail(poll, answer);
            return;
        }

        var review = _planner.Review(poll, page.Listing);
        var stored = _planner.Doubtful(review).Where(id => _log.FirstSeen(id) is not null).ToHashSet();
        var published = await _sink(KafkaTopics.Raw, Observations(review.Unseen.Where(post => !stored.Contains(post.Id)), page), cancellationToken);
        _planner.Complete(poll, page, review, stored, published);
    }

    private async Task RefreshAsync(PlannedRequest.Refresh refresh, CancellationToken cancellationToken)
    {
        var answer = await _client.GetInfoAsync(refresh.Ids, cancellationToken);
        if (answer is not RedditAnswer.Page page)
        {
            _planner.Fail(refresh, answer);
            return;
        }

        var published = await _sink(KafkaTopics.Refresh, Observations(page.Listing.Posts, page), cancellationToken);
        _planner.Complete(refresh, page, published);
    }

    private List<PostObservation> Observations(IEnumerable<RedditPost> posts, RedditAnswer.Page page) =>
        [.. posts.Select(post => post.ToObservation(page.ArrivedAt, _planner.Cadence))];
}
