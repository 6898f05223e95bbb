using SignalFlow.Benchmarks.Crash;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Faults;

/// <summary>The verb <c>crash</c> in small.</summary>
public sealed class CrashTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Processing_that_is_killed_in_full_flow_ends_as_if_nobody_had_disturbed_it()
    {
        var report = await new CrashRun
        {
            Kills = 2,
            Messages = 2_000,
            Consumers = 2,
            Seed = 3,
            Output = TextWriter.Null,
        }.RunAsync(() => postgres.CreateDatabaseAsync(), TestContext.Current.CancellationToken);

        Assert.Empty(report.Differing);
        Assert.True(report.IsClean, report.ToJson());
        Assert.Equal(report.PostsExpected, report.Posts);
    }
}
