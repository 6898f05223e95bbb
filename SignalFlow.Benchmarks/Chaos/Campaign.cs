using System.Diagnostics;
using System.Globalization;
using Npgsql;
using SignalFlow.Benchmarks.Crash;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>
/// All services as processes of their own, one fault after the other, and after each the time until everything works again; in the end the database is
/// compared with what the brokers have confirmed, and these with what the simulated Reddit has answered.
/// </summary>
internal sealed class Campaign(CampaignOptions options, ChaosServers servers, ChaosServices services, TextWriter output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly List<(string Kind, double Seconds)> _recoveries = [];
    private int _notRecovered;
    private int _liveCompared;

    public async Task<ChaosReport> RunAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var tap = new TopicTap(servers.Kafka.BootstrapServers);
        using var producer = new ChaosProducer(servers.Kafka.BootstrapServers, TimeProvider.System);
        await services.StartAsync(cancellationToken);
        await using var live = new LiveWatch(services.Address(ChaosServices.Api));
        using var inputs = new InputFaults(producer, tap, services.Address(ChaosServices.Simulator));
        using var fed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var feeding = producer.FeedAsync(CrashStream.Create(options.StreamMessages, options.Seed), fed.Token);
        await producer.PoisonAsync(new Random(options.Seed), most: int.MaxValue);
        if (await RecoverAsync(tap, producer, live, cancellationToken) is { IsWhole: false } start)
            throw new TimeoutException($"The services do not work, though nothing disturbs them: {start}");

        var deck = new FaultDeck(new(services), new(servers.Kafka, services), new(servers), inputs, options.Seed, options.Only);
        var faults = 0;
        while (faults < options.Faults && Stopwatch.GetElapsedTime(started) < options.Time)
            await DisturbAsync(++faults, deck.Next(), tap, producer, live, cancellationToken);

        await fed.CancelAsync();
        await feeding;
        await Task.Delay(options.Calm, cancellationToken);
        await services[ChaosServices.Ingestion].StopAsync();
        var findings = new Findings();
        await SettleAsync(tap, findings, cancellationToken);
        await CheckAsync(tap, live, findings, cancellationToken);
        foreach (var example in findings.Shown)
            await output.WriteLineAsync(example);
        await WriteKindsAsync();
        return Report(faults, tap, live, findings, Stopwatch.GetElapsedTime(started));
    }

    private async Task DisturbAsync(int number, Fault fault, TopicTap tap, ChaosProducer producer, LiveWatch live, CancellationToken cancellationToken)
    {
        await fault.RunAsync(cancellationToken);
        var recovery = await RecoverAsync(tap, producer, live, cancellationToken);
        if (!recovery.IsWhole)
            _notRecovered++;
        _recoveries.Add((fault.Kind, recovery.Total));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{number} {fault.Kind}: {fault.Detail}; {recovery}"));
    }

    /// <summary>Until new posts of every partition are stored and told, the API and the UI have one of them, and ingestion publishes.</summary>
    private async Task<Recovery> RecoverAsync(TopicTap tap, ChaosProducer producer, LiveWatch live, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        var sending = producer.ProbeAsync();
        var stored = Async(async () => await UntilAsync(async ids => await StoredAsync(ids, limit.Token), await sending, limit.Token));
        var told = Async(async () => await UntilAsync(ids => Task.FromResult(Array.TrueForAll(ids, live.HasSeen)), await sending, limit.Token));
        var served = Async(async () => await UntilAsync(
            ids => services[ChaosServices.Api].AnswersAsync($"api/posts/{ids[0]}/", limit.Token), await sending, limit.Token));
        var ingested = Async(() => UntilAsync(_ => Task.FromResult(tap.LastIngested > since), [], limit.Token));
        var shown = Async(async () => await UntilAsync(
            ids => services[ChaosServices.Web].AnswersAsync($"posts/{ids[^1]}", limit.Token), await sending, limit.Token));
        return new(await stored, await told, await served, await ingested, await shown);

        async Task<double?> Async(Func<Task> work)
        {
            try
            {
                await work();
                return Stopwatch.GetElapsedTime(since).TotalSeconds;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static async Task UntilAsync(Func<string[], Task<bool>> condition, string[] ids, CancellationToken cancellationToken)
    {
        while (!await condition(ids))
            await Task.Delay(Step, cancellationToken);
    }

    private async Task<bool> StoredAsync(string[] ids, CancellationToken cancellationToken)
    {
        try
        {
            await using var command = servers.DataSource.CreateCommand("SELECT count(*) FROM posts WHERE id = ANY ($1)");
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ids });
            return (long)(await command.ExecuteScalarAsync(cancellationToken))! == ids.Length;
        }
        catch (NpgsqlException)
        {
            // It comes back.
            return false;
        }
    }

    /// <summary>Until everything is read, stored, and what had to be done anew is done.</summary>
    private async Task SettleAsync(TopicTap tap, Findings findings, CancellationToken cancellationToken)
    {
        using var lag = new GroupLag(servers.Kafka.BootstrapServers, ChaosServers.Group, ChaosServers.Partitions);
        var since = Stopwatch.GetTimestamp();
        while (!tap.IsAtEnd() || lag.Records() > 0 || await servers.RefoldsAsync(cancellationToken) > 0)
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                var refolds = await servers.RefoldsAsync(cancellationToken);
                findings.AddLost(string.Create(
                    CultureInfo.InvariantCulture,
                    $"after {Patience}: {lag.Records()} records not committed ({string.Join("; ", lag.Behind())}), {refolds} signals to be found anew"));
                return;
            }

            await Task.Delay(Step, cancellationToken);
        }

        // The last updates reach the live client.
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
    }

    private async Task CheckAsync(TopicTap tap, LiveWatch live, Findings findings, CancellationToken cancellationToken)
    {
        await new LedgerCheck(servers.DataSource, tap.Ledger.Posts, findings).RunAsync(cancellationToken);
        await new DeadLetterCheck(servers.DataSource, tap, findings).RunAsync(cancellationToken);
        var served = await ServedPosts.ReadAsync(services.ServedFile, cancellationToken);
        foreach (var (id, score, comments) in tap.Ingested.Where(served.Lacks))
            findings.AddWrong($"ingestion published {id} with {score} points and {comments} comments, which Reddit has never answered");
        foreach (var id in served.Ids.Where(id => !tap.Ledger.Posts.ContainsKey(id)))
            findings.AddLost($"Reddit's post {id}, which was served and never published");
        foreach (var unreadable in tap.Unreadable)
            findings.AddWrong($"ingestion published what is no observation: {unreadable}");
        CheckLive(tap, live, findings);
    }

    /// <summary>Each post's last state has come, unless the client was told that the feed does not know; and none after a newer one.</summary>
    private void CheckLive(TopicTap tap, LiveWatch live, Findings findings)
    {
        for (var i = 0; i < live.OutOfOrder; i++)
            findings.AddWrong("a live client was told an older state after a newer one");
        foreach (var (id, post) in tap.Ledger.Posts)
        {
            if (post.Observations.Count == 0 || live.MayHaveMissed(post.Arrived))
                continue;
            _liveCompared++;
            var newest = live.Newest(id);
            if (newest is null || !newest.Value.Purged && newest.Value.At < post.Newest)
                findings.AddLost($"the live client's last state of {id} is {newest?.ToString() ?? "none"}, not that of {post.Newest}");
        }
    }

    private async Task WriteKindsAsync()
    {
        foreach (var kind in _recoveries.GroupBy(recovery => recovery.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            var seconds = kind.Select(recovery => recovery.Seconds).Order().ToArray();
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"| {kind.Key} | {seconds.Length} | {seconds[seconds.Length / 2]:F1} | {seconds[^1]:F1} |"));
        }
    }

    private ChaosReport Report(int faults, TopicTap tap, LiveWatch live, Findings findings, TimeSpan time)
    {
        var seconds = _recoveries.Select(recovery => recovery.Seconds).Order().ToArray();
        return new()
        {
            Faults = faults,
            Observations = tap.Ledger.Posts.Sum(post => post.Value.Observations.Count),
            Lost = findings.Lost,
            Doubled = findings.Doubled,
            Wrong = findings.Wrong,
            RecoveryMedian = seconds.Length == 0 ? 0 : Math.Round(seconds[seconds.Length / 2], 2),
            RecoveryLongest = seconds.Length == 0 ? 0 : Math.Round(seconds[^1], 2),
            Seed = options.Seed,
            Records = tap.Records,
            Posts = tap.Ledger.Posts.Count,
            Poison = tap.Poison.Count,
            EndedByThemselves = services.EndedByThemselves,
            ForcedStops = services.ForcedStops,
            NotRecovered = _notRecovered,
            LiveConnections = live.Connections,
            LiveMissedNotices = live.MissedNotices,
            LiveCompared = _liveCompared,
            Evicted = tap.Evicted,
            Minutes = Math.Round(time.TotalMinutes, 1),
        };
    }

    /// <summary>Seconds from the end of a fault until something works; null: it does not, for as long as was waited.</summary>
    private sealed record Recovery(double? Stored, double? Told, double? Served, double? Ingested, double? Shown)
    {
        public bool IsWhole => Stored is not null && Told is not null && Served is not null && Ingested is not null && Shown is not null;

        public double Total => new[] { Stored, Told, Served, Ingested, Shown }.Max(part => part ?? Patience.TotalSeconds);

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Total:F1} s (stored {Text(Stored)}, told {Text(Told)}, served {Text(Served)}, ingested {Text(Ingested)}, shown {Text(Shown)})");

        private static string Text(double? seconds) => seconds is { } known ? known.ToString("F1", CultureInfo.InvariantCulture) : "NEVER";
    }
}
