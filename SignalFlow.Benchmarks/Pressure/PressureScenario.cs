namespace SignalFlow.Benchmarks.Pressure;

/// <summary>More than can be stored.</summary>
/// <param name="Name">For people.</param>
/// <param name="Waiting">Messages that are there before the services start.</param>
/// <param name="Rate">Messages a second, from when they work.</param>
/// <param name="Time">How long.</param>
/// <param name="Delay">How long each answer of the database is held back meanwhile.</param>
internal sealed record PressureScenario(string Name, int Waiting, int Rate, TimeSpan Time, TimeSpan Delay)
{
    /// <param name="minutes">Of the one in which more comes than can be stored.</param>
    public static IReadOnlyList<PressureScenario> All(double minutes) =>
    [
        new("100,000 messages waiting", 100_000, 0, TimeSpan.Zero, TimeSpan.Zero),
        // With two consumers in each of two processes and batches of 50, less than half of that can be stored.
        new("ingestion faster than processing", 0, 250, TimeSpan.FromMinutes(minutes), TimeSpan.FromMilliseconds(600)),
        // A batch of 50 takes 4 ms here.
        new("the database 20 times slower", 0, 100, TimeSpan.FromMinutes(minutes / 3), TimeSpan.FromMilliseconds(80)),
    ];
}
