using System.Runtime.CompilerServices;
using SignalFlow.Benchmarks.Text;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>What the fold costs an observation, table look-up included, and what a tracked post takes.</summary>
/// <param name="Nanoseconds">CPU time of one thread.</param>
/// <param name="Allocated">Bytes an observation.</param>
/// <param name="StateBytes">In memory.</param>
/// <param name="StoredBytes">As a row holds it, at most.</param>
internal sealed record FoldCost(double Nanoseconds, double Allocated, int StateBytes, int StoredBytes)
{
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(0.3);

    public static FoldCost Measure(EvaluatedSeries series)
    {
        var posts = series.Series.Posts;
        var meter = ThroughputMeter.Measure(Round, posts.Sum(post => post.Observations.Length), () =>
        {
            var sum = 0.0;
            foreach (var post in posts)
            {
                SurgeState state = default;
                for (var i = 0; i < post.Observations.Length; i++)
                {
                    var step = FoldedSeries.Step(state, post, i, series.Baselines, SurgeRules.Default);
                    state = step.State;
                    sum += step.Signal.Surge;
                }
            }

            return sum;
        });
        return new(1e9 / meter.PerCpuSecond, meter.BytesPerItem, Unsafe.SizeOf<SurgeState>(), SurgeStateCodec.MostBytes);
    }
}
