using System.Diagnostics;
using System.Globalization;

namespace SignalFlow.Benchmarks.Text;

/// <summary>
/// What one thread does in steady state. The figure that counts is the one per CPU second, the median of the rounds: other processes on the same
/// cores take wall-clock time away but hardly any CPU time. The CPU time is that of the process, so the runtime's own threads count against us.
/// </summary>
internal sealed record ThroughputMeter(double PerCpuSecond, double PerSecond, double BytesPerItem, int Rounds)
{
    private const int TimedRounds = 7;

    /// <param name="round">CPU time that a round takes at least.</param>
    /// <param name="items">How many items one call of <paramref name="pass"/> works through.</param>
    /// <param name="pass">The work; its result is used, so that it cannot be left out.</param>
    public static ThroughputMeter Measure(TimeSpan round, int items, Func<double> pass)
    {
        var sink = 0.0;
        // Tiered compilation needs its calls and its time before the code is what it stays.
        var warm = Environment.CpuUsage.TotalTime;
        while (Environment.CpuUsage.TotalTime - warm < round * 2)
            sink += pass();

        var rates = new List<(double Cpu, double Wall)>();
        var passes = 0L;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < TimedRounds; i++)
        {
            var (cpu, wall, done) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp(), 0L);
            TimeSpan used;
            do
            {
                sink += pass();
                done++;
            }
            while ((used = Environment.CpuUsage.TotalTime - cpu) < round);

            passes += done;
            rates.Add((done * items / used.TotalSeconds, done * items / Stopwatch.GetElapsedTime(wall).TotalSeconds));
        }

        // What the list of rates takes is below a byte a text.
        var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / ((double)passes * items);
        GC.KeepAlive(sink);
        return new(Median(rates.Select(rate => rate.Cpu)), Median(rates.Select(rate => rate.Wall)), bytes, TimedRounds);
    }

    public string Describe(string what) => string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {PerCpuSecond:N0}/s of CPU time, {PerSecond:N0}/s by the clock (medians of {Rounds} rounds), {BytesPerItem:F3} B each");

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(TimedRounds / 2);
}
