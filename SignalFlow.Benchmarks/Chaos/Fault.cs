namespace SignalFlow.Benchmarks.Chaos;

/// <summary>Something that goes wrong.</summary>
/// <param name="Kind">Of which figures are told together.</param>
/// <param name="Detail">What exactly.</param>
/// <param name="RunAsync">Begins it, and returns when it has ended.</param>
internal sealed record Fault(string Kind, string Detail, Func<CancellationToken, Task> RunAsync)
{
    /// <summary>How long a fault lasts.</summary>
    public static TimeSpan Seconds(Random random, double least, double most) => TimeSpan.FromSeconds(least + random.NextDouble() * (most - least));

    public static string Text(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:F1} s");

    /// <summary>What is begun, some time, and what ends it, which is done in any case.</summary>
    public static Func<CancellationToken, Task> For(TimeSpan time, Action begin, Action end) => async cancellationToken =>
    {
        begin();
        try
        {
            await Task.Delay(time, cancellationToken);
        }
        finally
        {
            end();
        }
    };
}
