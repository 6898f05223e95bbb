using System.Diagnostics.Metrics;
using SignalFlow.RedditSimulator.World;

namespace SignalFlow.RedditSimulator;

internal sealed class SimulatorMetrics
{
    public const string MeterName = "SignalFlow.RedditSimulator";

    private readonly Counter<long> _requests;

    public SimulatorMetrics(IMeterFactory meters, SimulatedWorld world, WorldClock clock, SimulatedReddit reddit)
    {
        var meter = meters.Create(MeterName);
        _requests = meter.CreateCounter<long>("signalflow_simulator_requests_total", description: "Requests answered, by endpoint and outcome");
        meter.CreateObservableGauge("signalflow_simulator_posts", () => world.CountUntil(clock.Now), description: "Posts in the world so far");
        meter.CreateObservableGauge(
            "signalflow_simulator_corpus_lines_skipped",
            () => reddit.SkippedLines,
            description: "Lines of the corpus that are not posts");
    }

    public void Answered(string endpoint, string outcome) =>
        _requests.Add(1, new KeyValuePair<string, object?>("endpoint", endpoint), new KeyValuePair<string, object?>("outcome", outcome));
}
