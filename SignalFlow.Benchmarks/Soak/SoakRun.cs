using System.Diagnostics;
using System.Globalization;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Benchmarks.Crash;

namespace SignalFlow.Benchmarks.Soak;

/// <summary>All services under the same load for hours, with a change of day and retention on the way.</summary>
internal sealed class SoakRun(int minutes, int rate, ChaosServers servers, ChaosServices services, TextWriter output)
{
    // More than the keeper of stories remembers: what is bounded is full before anything is measured.
    private const int FilledPosts = 140_000;
    private const int OldDays = 5;
    // What ingestion publishes between two commits is never read to its end.
    private const int AlwaysBehind = 2_000;
    private const int OldMessages = 5_000;
    private const int OldestAgo = 60;

    private static readonly string OldRows = $"SELECT count(*) FROM post_metrics_history WHERE captured_at < now() - interval '{OldestAgo - 5} days'";

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TellInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(2);

    private readonly TimeSpan _time = TimeSpan.FromMinutes(minutes);
    private readonly Dictionary<string, ProcessSamples> _samples = ChaosServices.Lasting.ToDictionary(name => name, _ => new ProcessSamples());
    private long _started;
    private long _oldStored;
    private long _lagMost;

    public async Task<SoakReport> RunAsync(CancellationToken cancellationToken)
    {
        // The day ends when half of the time is over.
        var half = TimeProvider.System.GetUtcNow() + _time / 2;
        var stream = new SoakStream(TitleCorpus.Load(), new DateTimeOffset(half.Date, TimeSpan.Zero) - half, TimeProvider.System);
        await services.StartAsync(cancellationToken);
        await using var live = new LiveWatch(services.Address(ChaosServices.Api));
        using var lag = new GroupLag(servers.Kafka.BootstrapServers, ChaosServers.Group, ChaosServers.Partitions);
        await FillAsync(stream, lag, cancellationToken);
        _started = Stopwatch.GetTimestamp();
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampling = SampleAsync(lag, stopped.Token);
        var window = TimeSpan.FromMinutes(Math.Min(10, minutes / 3.0));
        var begin = await FlushesAsync(cancellationToken);
        var feeding = FeedAsync(stream, cancellationToken);
        await Task.Delay(window, cancellationToken);
        var first = (await FlushesAsync(cancellationToken)).Quantile(0.99, begin);
        await Task.Delay(_time - 2 * window, cancellationToken);
        var last = await FlushesAsync(cancellationToken);
        await feeding;
        var end = (await FlushesAsync(cancellationToken)).Quantile(0.99, last);
        await stopped.CancelAsync();
        await sampling;
        var left = await SettleAsync(lag, cancellationToken);
        return await ReportAsync(stream, first, end, left, cancellationToken);
    }

    private async Task FillAsync(SoakStream stream, GroupLag lag, CancellationToken cancellationToken)
    {
        using var producer = new SoakProducer(servers.Kafka.BootstrapServers);
        for (var post = 0; post < FilledPosts; post++)
        {
            producer.Send(stream.Earlier(FilledPosts - post));
            // The embedded brokers keep little of each partition.
            if (post % SoakStream.Tracked != SoakStream.Tracked - 1)
                continue;
            await CaughtUpAsync(producer, lag, cancellationToken);
            foreach (var looks in stream.EarlierLooks().Chunk(SoakStream.Tracked))
            {
                Array.ForEach(looks, producer.Send);
                await CaughtUpAsync(producer, lag, cancellationToken);
            }
        }
    }

    private static async Task CaughtUpAsync(SoakProducer producer, GroupLag lag, CancellationToken cancellationToken)
    {
        producer.Flush(cancellationToken);
        while (lag.Records() > AlwaysBehind)
            await Task.Delay(Tick, cancellationToken);
    }

    private async Task FeedAsync(SoakStream stream, CancellationToken cancellationToken)
    {
        using var producer = new SoakProducer(servers.Kafka.BootstrapServers);
        var (sent, old, storing) = (0L, false, Task.CompletedTask);
        while (Stopwatch.GetElapsedTime(_started) is var elapsed && elapsed < _time)
        {
            for (var due = (long)(elapsed.TotalSeconds * rate); sent < due; sent++)
                producer.Send(stream.Next());
            // Before the hour at which retention looks again.
            if (!old && elapsed > _time / 4)
            {
                old = true;
                for (var message = 0; message < OldMessages; message++)
                    producer.Send(stream.Old(OldestAgo + message % OldDays));
                storing = OldStoredAsync(cancellationToken);
            }

            await Task.Delay(Tick, cancellationToken);
        }

        producer.Flush(cancellationToken);
        await storing;
    }

    /// <summary>Until they are all there: what is dropped later must have been stored.</summary>
    private async Task OldStoredAsync(CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (_oldStored < OldMessages && Stopwatch.GetElapsedTime(since) < Settling)
        {
            _oldStored = await CountAsync(OldRows, cancellationToken);
            await Task.Delay(Tick, cancellationToken);
        }
    }

    private async Task SampleAsync(GroupLag lag, CancellationToken stop)
    {
        var (told, flushes) = (TimeSpan.Zero, await FlushesAsync(stop));
        while (!stop.IsCancellationRequested)
        {
            var slowest = "";
            if (Stopwatch.GetElapsedTime(_started) is var elapsed && elapsed - told >= TellInterval)
            {
                var before = flushes;
                (told, flushes) = (elapsed, await FlushesAsync(CancellationToken.None));
                slowest = string.Create(CultureInfo.InvariantCulture, $", flush p99 {flushes.Quantile(0.99, before) * 1_000:F0} ms");
            }

            foreach (var name in ChaosServices.Lasting)
                _samples[name].Add(Stopwatch.GetElapsedTime(_started), services[name].WorkingSet, services[name].Handles);
            var behind = lag.Records();
            _lagMost = Math.Max(_lagMost, behind);
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{Stopwatch.GetElapsedTime(_started):hh\\:mm\\:ss} lag {behind}, MiB {string.Join(' ', ChaosServices.Lasting.Select(name => services[name].WorkingSet >> 20))}{slowest}"));
            await Task.Delay(SampleInterval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<FlushTimes> FlushesAsync(CancellationToken cancellationToken)
    {
        var times = new FlushTimes();
        foreach (var name in (string[])[ChaosServices.Processing, ChaosServices.SecondProcessing])
            times.Add(await services[name].MetricsAsync(cancellationToken));
        return times;
    }

    private async Task<long> SettleAsync(GroupLag lag, CancellationToken cancellationToken)
    {
        await services[ChaosServices.Ingestion].StopAsync();
        var since = Stopwatch.GetTimestamp();
        while (lag.Records() > 0 && Stopwatch.GetElapsedTime(since) < Settling)
            await Task.Delay(Tick, cancellationToken);
        return lag.Records();
    }

    private async Task<SoakReport> ReportAsync(SoakStream stream, double first, double last, long lagEnd, CancellationToken cancellationToken)
    {
        var history = await CountAsync("SELECT count(*) FROM post_metrics_history WHERE post_id ~ '^s[0-9a-f]{7}$'", cancellationToken);
        var days = (int)await CountAsync("SELECT count(*) FROM pg_inherits WHERE inhparent = 'post_metrics_history'::regclass", cancellationToken);
        var old = await CountAsync(OldRows, cancellationToken);
        return new()
        {
            Minutes = minutes,
            Rate = rate,
            Sent = stream.Observations,
            Missing = stream.Observations - history - (_oldStored - old),
            FlushFirst = Math.Round(first * 1_000, 1),
            FlushLast = Math.Round(last * 1_000, 1),
            FlushRatio = Math.Round(last / first, 2),
            LagMost = _lagMost,
            LagEnd = lagEnd,
            EndedByThemselves = services.EndedByThemselves,
            Days = days,
            DaysDropped = _oldStored == OldMessages && old == 0 ? OldDays : 0,
            OldStored = _oldStored,
            DeadLetters = await CountAsync("SELECT count(*) FROM dlq_events", cancellationToken),
            Processes = _samples.ToDictionary(process => process.Key, process => process.Value.Trend(_time / 2)),
        };
    }

    private async Task<long> CountAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = servers.DataSource.CreateCommand(sql);
        command.CommandTimeout = 120;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
