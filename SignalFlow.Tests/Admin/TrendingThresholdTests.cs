using SignalFlow.Contracts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Admin;

public sealed class TrendingThresholdTests(PostgresFixture postgres)
{
    [Fact]
    public async Task The_API_shows_what_processing_works_with_not_what_it_is_configured_with_itself()
    {
        await using var run = await ReplayApplication.StartAsync(postgres);
        Assert.Equal((null, true), (await GetAsync(run)) is var empty ? (empty.Thresholds, empty.Agree) : default);

        await run.Pipeline.StartReplicaAsync(("Trending:VelocityHigh", "70"), ("Trending:CommentMin", "5"));
        await Eventually.TrueAsync(async () => (await GetAsync(run)).Thresholds is not null);

        var shown = await GetAsync(run);
        Assert.Equal(new TrendingValues(70, 10, 0.5, 5, 0.5), shown.Thresholds);
        Assert.Single(shown.Instances);

        await run.Database.ExecuteAsync("""
            INSERT INTO trending_thresholds VALUES ('other/1', 50, 10, 0.5, 100, 0.5, now(), now() - interval '1 minute'),
              ('dead/1', 50, 10, 0.5, 100, 0.5, now(), now() - interval '5 minutes')
            """);
        shown = await GetAsync(run);
        Assert.Equal((false, 2, 70), (shown.Agree, shown.Instances.Count, shown.Thresholds!.VelocityHigh));
    }

    private static async Task<TrendingThresholds> GetAsync(ReplayApplication run) =>
        (await run.Operator.GetFromJsonAsync("/api/admin/trending/", ContractsJsonContext.Default.TrendingThresholds, TestContext.Current.CancellationToken))!;
}
