using System.Globalization;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Faults;

/// <summary>A short campaign of the one that runs for an hour by command (docs/reliability.md).</summary>
public sealed class ChaosTests
{
    private const int Faults = 5;

    [Fact]
    public async Task After_random_faults_nothing_is_lost_doubled_or_wrong()
    {
        using var logs = new TemporaryFolder();
        await using var said = new StringWriter(CultureInfo.InvariantCulture);

        var report = await ChaosCommand.RunAsync(
            new() { Faults = Faults, Time = TimeSpan.FromMinutes(4), Seed = 3, Calm = TimeSpan.FromSeconds(3), DiskMebibytes = 768 },
            new(logs.Path), said, TestContext.Current.CancellationToken);

        Assert.True(report.IsClean, $"{said}\n{report.ToJson()}");
        Assert.Equal(Faults, report.Faults);
        Assert.True(report.Observations > 500, $"Only {report.Observations} observations were compared.");
        Assert.True(report.Poison > 20, $"Only {report.Poison} records were poison.");
    }
}
