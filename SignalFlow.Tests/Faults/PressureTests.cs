using System.Globalization;
using SignalFlow.Benchmarks.Pressure;

namespace SignalFlow.Tests.Faults;

/// <summary>
/// A short one of the scenarios that run for minutes by command (docs/reliability.md): all that waits and all that comes goes through a slow
/// database.
/// </summary>
public sealed class PressureTests
{
    private const int Waiting = 8_000;
    private const int Consumers = 4;

    [Fact]
    public async Task What_waits_is_stored_once_and_in_order_though_the_database_is_slow_and_more_comes()
    {
        await using var said = new StringWriter(CultureInfo.InvariantCulture);

        var report = await PressureCommand.RunAsync(
            new("waiting, and slow", Waiting, Rate: 100, TimeSpan.FromSeconds(6), Delay: TimeSpan.FromMilliseconds(200)), said,
            TestContext.Current.CancellationToken);

        Assert.True(report.IsClean, $"{said}\n{report.ToJson()}");
        Assert.InRange(report.LagMost, Waiting, report.Records);
        Assert.True(report.Records > Waiting + 500, $"Only {report.Records} records came.");
        // They are given partitions while the group forms, and keep them.
        Assert.InRange(report.Rebalances, 0, 2 * Consumers);
    }
}
