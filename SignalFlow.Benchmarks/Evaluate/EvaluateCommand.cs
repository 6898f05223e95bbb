using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>
/// The verb <c>evaluate</c>: what the surge signal is worth on recorded series and on the simulator's, against what it competes with; split by
/// time, baselines of earlier posts only. The last line of its output is one JSON object. docs/evaluation.md describes method and results.
/// </summary>
internal static class EvaluateCommand
{
    public const string Verb = "evaluate";

    public static Task<int> RunAsync(string[] args)
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "Holds timeseries_*.jsonl.gz." };
        folder.AcceptExistingOnly();
        var days = new Option<double>("--days") { Description = "Days of simulated posts; 0: none.", DefaultValueFactory = _ => 2 };
        var choosing = new Option<bool>("--earlier")
        {
            Description = "Report on the earlier half of the recorded series, on which weights and thresholds are chosen.",
        };
        var command = new RootCommand("What the surge signal is worth.") { folder, days, choosing };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
            return await RunAsync(parsed.GetRequiredValue(folder).FullName, parsed.GetValue(days), parsed.GetValue(choosing), cancellationToken);
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<int> RunAsync(string folder, double days, bool isChoosing, CancellationToken cancellationToken)
    {
        var recorded = (await RecordedSeries.LoadAsync(folder, isChoosing, cancellationToken)).ConvertAll(series => new EvaluatedSeries(series));
        var all = new List<EvaluatedSeries>(recorded);
        if (days > 0)
        {
            all.Add(new(SimulatedSeries.Simulated(days)));
            all.Add(new(SimulatedSeries.WithoutTakeOffs(days)));
            all.Add(new(SimulatedSeries.Stationary(days)));
        }

        if (all.Count == 0)
            throw new FileNotFoundException($"{folder} holds no timeseries_*.jsonl.gz.");
        var files = new Dictionary<string, object>();
        foreach (var series in all)
            files.Add(series.Series.Name, EvaluateReport.Write(series));
        object? pooled = recorded.Count > 1 ? EvaluateReport.WritePooled(recorded) : null;
        var cost = FoldCost.Measure(all[^1]);
        Console.WriteLine();
        Console.WriteLine(
            $"fold: {cost.Nanoseconds:F0} ns and {cost.Allocated:F1} B an observation; "
            + $"state {cost.StateBytes} B, stored at most {cost.StoredBytes} B");
        Console.WriteLine(JsonSerializer.Serialize(new { files, pooled, cost = EvaluateReport.Json(cost) }, Options));
        return 0;
    }

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
