using System.Diagnostics;
using System.Globalization;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Benchmarks.Crash;
using SignalFlow.Benchmarks.Soak;

namespace SignalFlow.Benchmarks.Pressure;

/// <summary>One scenario on servers and services of its own.</summary>
internal sealed class PressureRun(PressureScenario scenario, ChaosServers servers, ChaosServices services, TextWriter output)
{
    private const string Rebalances = "signalflow_consumer_rebalances_total";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);
    private static readonly string[] Processing = [ChaosServices.Processing, ChaosServices.SecondProcessing];

    private readonly Dictionary<string, long> _peaks = ChaosServices.Lasting.ToDictionary(name => name, _ => 0L);
    private long _lagMost;

    public async Task<PressureReport> RunAsync(CancellationToken cancellationToken)
    {
        var stream = new SoakStream(TitleCorpus.Load(), TimeSpan.Zero, TimeProvider.System);
        using var tap = new TopicTap(servers.Kafka.BootstrapServers);
        using var lag = new GroupLag(servers.Kafka.BootstrapServers, ChaosServers.Group, ChaosServers.Partitions);
        using var producer = new SoakProducer(servers.Kafka.BootstrapServers);
        for (var message = 0; message < scenario.Waiting; message++)
            producer.Send(stream.Next());
        producer.Flush(cancellationToken);
        _lagMost = lag.Records();
        var began = Stopwatch.GetTimestamp();
        await services.StartAsync(cancellationToken);
        await using var live = new LiveWatch(services.Address(ChaosServices.Api));
        if (scenario.Waiting == 0)
            await WatchAsync(lag, Quiet, cancellationToken);
        var (before, given) = (ChaosServices.Lasting.ToDictionary(name => name, Mebibytes), await RebalancesAsync(cancellationToken));

        servers.PostgresProxy.Delay = scenario.Delay;
        var pressed = Stopwatch.GetTimestamp();
        for (var sent = 0L; Stopwatch.GetElapsedTime(pressed) is var elapsed && elapsed < scenario.Time;)
        {
            for (var due = (long)(elapsed.TotalSeconds * scenario.Rate); sent < due; sent++)
                producer.Send(stream.Next());
            await WatchAsync(lag, Tick, cancellationToken);
        }

        producer.Flush(cancellationToken);
        servers.PostgresProxy.Delay = TimeSpan.Zero;
        var over = scenario.Waiting > 0 ? began : Stopwatch.GetTimestamp();
        await services[ChaosServices.Ingestion].StopAsync();
        while ((!tap.IsAtEnd() || lag.Records() > 0 || await servers.RefoldsAsync(cancellationToken) > 0) && Stopwatch.GetElapsedTime(over) < Patience)
            await WatchAsync(lag, Tick, cancellationToken);
        var caughtUp = Stopwatch.GetElapsedTime(over).TotalSeconds;
        var findings = new Findings();
        await new LedgerCheck(servers.DataSource, tap.Ledger.Posts, findings).RunAsync(cancellationToken);
        for (var i = 0; i < live.OutOfOrder; i++)
            findings.AddWrong("a live client was told an older state after a newer one");
        foreach (var example in findings.Shown)
            await output.WriteLineAsync(example);
        return new()
        {
            Scenario = scenario.Name,
            Records = tap.Records,
            LagMost = _lagMost,
            CatchUp = Math.Round(caughtUp, 1),
            MemoryBefore = before,
            MemoryPeak = _peaks,
            LiveUpdates = live.Updates,
            Rebalances = await RebalancesAsync(cancellationToken) - given,
            Lost = findings.Lost,
            Doubled = findings.Doubled,
            Wrong = findings.Wrong,
            Evicted = tap.Evicted,
        };
    }

    /// <summary>For some time, or a moment.</summary>
    private async Task WatchAsync(GroupLag lag, TimeSpan time, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        do
        {
            foreach (var name in ChaosServices.Lasting)
                _peaks[name] = Math.Max(_peaks[name], Mebibytes(name));
            await Task.Delay(Tick, cancellationToken);
        }
        while (Stopwatch.GetElapsedTime(since) < time);

        _lagMost = Math.Max(_lagMost, lag.Records());
    }

    private long Mebibytes(string name) => services[name].WorkingSet >> 20;

    private async Task<double> RebalancesAsync(CancellationToken cancellationToken)
    {
        var sum = 0.0;
        foreach (var name in Processing)
        {
            var line = Array.Find(
                (await services[name].MetricsAsync(cancellationToken)).Split('\n'), line => line.StartsWith(Rebalances, StringComparison.Ordinal))
                ?? throw new InvalidOperationException($"{name} does not count its rebalances.");
            sum += double.Parse(
                line[(line.IndexOf('}', StringComparison.Ordinal) + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0],
                CultureInfo.InvariantCulture);
        }

        return sum;
    }
}
