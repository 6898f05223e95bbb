using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using SignalFlow.Processing;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;

namespace SignalFlow.Benchmarks.Pipeline;

/// <summary>The service as it runs, from its first batch to the commit of the last one.</summary>
internal sealed class ProcessingPhase : IDisposable
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly MeterListener _meters = new();
    private readonly List<double> _flushes = [];
    private readonly Lock _lock = new();
    private readonly int _messages;
    private long _stored;
    private long _started;
    private long _ended;
    private TimeSpan _cpu;
    private long _allocated;

    private ProcessingPhase(int messages)
    {
        _messages = messages;
        _meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ProcessingMetrics.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _meters.SetMeasurementEventCallback<long>((instrument, value, _, _) => OnCount(instrument.Name, value));
        _meters.SetMeasurementEventCallback<double>((instrument, value, _, _) => OnDuration(instrument.Name, value));
        _meters.Start();
    }

    public static async Task<PhaseFigures> RunAsync(
        PipelineServers servers, string database, int messages, int batchSize, int consumers, CancellationToken cancellationToken)
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var phase = new ProcessingPhase(messages);
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = servers.Kafka,
            ["ConnectionStrings:redis"] = servers.Redis,
            ["ConnectionStrings:signalflow"] = database,
            // The embedded broker ends a rebalance when the session of those who have left is over.
            ["Kafka:SessionTimeout"] = "00:00:06",
            ["Processing:BatchSize"] = batchSize.ToString(CultureInfo.InvariantCulture),
            ["Processing:Consumers"] = consumers.ToString(CultureInfo.InvariantCulture),
        });
        builder.AddServiceDefaults();
        builder.AddPostStorage();
        builder.AddProcessing();
        await using var app = builder.Build();
        await app.StartAsync(cancellationToken);
        var peak = await phase.WaitAsync(cancellationToken);
        await app.StopAsync(cancellationToken);
        return phase.Figures(peak);
    }

    public void Dispose() => _meters.Dispose();

    private void OnCount(string instrument, long value)
    {
        lock (_lock)
        {
            if (instrument == "reddit_processor_messages" && _started == 0)
                (_started, _cpu, _allocated) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());
            if (instrument != "signalflow_batch_size" || (_stored += value) < _messages || _ended != 0)
                return;
            _cpu = Environment.CpuUsage.TotalTime - _cpu;
            _allocated = GC.GetTotalAllocatedBytes() - _allocated;
            Volatile.Write(ref _ended, Stopwatch.GetTimestamp());
        }
    }

    private void OnDuration(string instrument, double seconds)
    {
        if (instrument != "reddit_processor_batch_flush")
            return;
        lock (_lock)
            _flushes.Add(seconds);
    }

    private async Task<long> WaitAsync(CancellationToken cancellationToken)
    {
        var peak = 0L;
        var since = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _ended) == 0)
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new TimeoutException($"Only {_stored} of {_messages} messages were stored.");
            peak = Math.Max(peak, Environment.WorkingSet);
            await Task.Delay(SampleInterval, cancellationToken);
        }

        return peak;
    }

    private PhaseFigures Figures(long peak) => new()
    {
        MessagesPerSecond = _messages / Stopwatch.GetElapsedTime(_started, _ended).TotalSeconds,
        Flushes = Percentiles.Of(_flushes),
        CpuPerMessage = _cpu.TotalMicroseconds / _messages,
        AllocatedPerMessage = (double)_allocated / _messages,
        PeakRss = peak,
    };
}
