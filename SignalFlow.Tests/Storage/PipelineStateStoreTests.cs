using SignalFlow.Storage.Pipeline;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

public sealed class PipelineStateStoreTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_report_takes_the_place_of_the_one_before()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var states = new PipelineStateStore(database.DataSource);
        var first = Report("host/1", new("reddit.posts.raw", 0, null, null, 0, 0), new PartitionReport("reddit.posts.raw", 1, 17, 4.5, 12.5, 11));
        await states.ReportAsync(first, Cancel);
        var second = first with
        {
            IsPaused = true,
            LastBatchAt = new DateTime(2026, 11, 29, 12, 0, 0, DateTimeKind.Utc),
            Flush = new(1, 2, 3),
            PartitionCount = 3,
            Partitions = [new("reddit.posts.raw", 1, 0, 0, 2, 2), new("reddit.posts.raw", 2, null, null, 0, 0)],
        };

        await states.ReportAsync(second, Cancel);

        var stored = Assert.Single(await states.GetAsync(Cancel));
        Assert.Equivalent(second, stored.Report, strict: true);
        Assert.InRange(stored.AgeSeconds, 0, 30);
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(*) FROM pipeline_partitions"));
    }

    [Fact]
    public async Task Whoever_is_silent_for_long_is_forgotten_with_its_partitions()
    {
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        var states = new PipelineStateStore(database.DataSource);
        foreach (var instance in (string[])["dead", "quiet", "me"])
            await states.ReportAsync(Report(instance, new PartitionReport("reddit.posts.raw", 0, 1, 1, 1, 1)), Cancel);
        await database.ExecuteAsync("""
            UPDATE pipeline_instances SET reported_at = now() - interval '11 minutes' WHERE instance IN ('dead', 'me');
            UPDATE pipeline_instances SET reported_at = now() - interval '9 minutes' WHERE instance = 'quiet';
            """);

        await states.ReportAsync(Report("me"), Cancel);

        Assert.Equal(["me", "quiet"], (await states.GetAsync(Cancel)).Select(instance => instance.Report.Instance));
        Assert.Equal(["quiet"], await database.TextsAsync("SELECT instance FROM pipeline_partitions"));
    }

    private static PipelineReport Report(string instance, params PartitionReport[] partitions) => new()
    {
        Instance = instance,
        Version = "1.0.0",
        StartedAt = new(2026, 11, 29, 10, 0, 0, DateTimeKind.Utc),
        IsStopped = false,
        IsPaused = false,
        BatchesPerSecond = 2.5,
        DeadLettersLastHour = 7,
        Partitions = partitions,
    };
}
