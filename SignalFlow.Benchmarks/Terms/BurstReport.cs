using System.Globalization;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Benchmarks.Terms;

/// <summary>The figures of one or more runs over injected bursts, as a table and for the last line.</summary>
internal sealed class BurstReport(List<BurstRun> runs)
{
    private static readonly string[] Names = ["rare", "medium", "common"];

    private readonly List<BurstRun> _runs = runs;

    private int Discoveries => _runs.Sum(run => run.Discoveries);

    private int False => _runs.Sum(run => run.FalseDiscoveries);

    public void Print()
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"bursts: {_runs.Count} worlds of {BurstRun.WarmDays} + {BurstRun.QuietDays} + {BurstRun.BurstDays} days, {TitleWorld.PostsPerDay:N0} posts a day"));
        Console.WriteLine("| usual authors per bucket | factor | injected | found | delay in buckets (median) | minutes (median) |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (var cell in Cells())
            Console.WriteLine($"| {Text(cell.From)} to {Text(cell.Below)} ({cell.Name}) | ×{cell.Factor} | {cell.Injected} | {Text(cell.Recall)} | {Text(cell.Buckets)} | {Text(cell.Minutes)} |");
        Console.WriteLine($"false discovery rate {Text(Share(False, Discoveries))} ({False} of {Discoveries}); on days without a burst {Text(QuietPerDay())} discoveries a day");
        foreach (var term in _runs.SelectMany(run => run.FalseOnes).Take(5))
            Console.WriteLine($"  false: {term.Reason}");
        Console.WriteLine($"cost {Text(Cost())} µs a post; history {_runs[0].History.RowCount:N0} rows of {_runs[0].History.TermCount:N0} terms, {_runs[0].HistoryBytes / 1e6:F1} MB; dispersion {string.Join(", ", _runs[0].Dispersion.Select(Text))}");
    }

    public object Figures() => new
    {
        seeds = _runs.Count,
        fdr = Share(False, Discoveries),
        discoveries = Discoveries,
        false_discoveries = False,
        quiet_discoveries_per_day = QuietPerDay(),
        cells = Cells().Select(cell => new
        {
            usual = cell.Name,
            factor = cell.Factor,
            injected = cell.Injected,
            recall = cell.Recall,
            delay_buckets = cell.Buckets,
            delay_min = cell.Minutes,
        }),
        us_per_post = Cost(),
        history_rows = _runs[0].History.RowCount,
        history_terms = _runs[0].History.TermCount,
        history_bytes = _runs[0].HistoryBytes,
    };

    private double QuietPerDay() => Share(_runs.Sum(run => run.QuietDiscoveries), _runs.Count * BurstRun.QuietDays);

    private double Cost() => Math.Round(_runs.Average(run => run.MicrosecondsPerPost), 2);

    private IEnumerable<Cell> Cells()
    {
        for (var band = 0; band < BurstRun.Bands.Length; band++)
        {
            var (from, below) = BurstRun.Bands[band];
            foreach (var factor in BurstRun.Factors)
            {
                var bursts = _runs.SelectMany(run => run.Bursts).Where(burst => burst.Factor == factor && burst.Usual >= from && burst.Usual < below).ToList();
                var delays = bursts.Where(burst => burst.FoundAfter is not null).Select(burst => burst.FoundAfter!.Value).Order().ToList();
                double? median = delays.Count == 0 ? null : delays[delays.Count / 2];
                // A burst begins with its bucket, which is evaluated when it closes.
                var minutes = (median + 1) * TermClock.Length.TotalMinutes + TermClock.Grace.TotalMinutes;
                yield return new Cell(Names[band], from, below, factor, bursts.Count, Share(delays.Count, bursts.Count), median, minutes);
            }
        }
    }

    private static double Share(int part, int whole) => whole == 0 ? 0 : Math.Round((double)part / whole, 4);

    private static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private static string Text(double? value) => value is { } number ? Text(number) : "-";

    private sealed record Cell(string Name, double From, double Below, int Factor, int Injected, double Recall, double? Buckets, double? Minutes);
}
