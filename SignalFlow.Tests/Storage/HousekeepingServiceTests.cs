using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Storage;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Posts;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Storage;

public sealed class HousekeepingServiceTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task While_the_name_of_the_database_is_not_found_it_waits_and_then_does_its_jobs()
    {
        var name = new LosableName();
        var time = new FakeTimeProvider();
        await using var database = await MigratedDatabase.CreateAsync(postgres);
        await using var source = name.DataSource(database.ConnectionString);
        await using var meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new StorageMetrics(meters.GetRequiredService<IMeterFactory>());
        var partitions = new HistoryPartitions(source);
        using var housekeeping = new HousekeepingService(
            new(partitions, Options.Create(new StorageOptions()), time), new(source, metrics), new(source, partitions, metrics), metrics, time,
            NullLogger<HousekeepingService>.Instance);
        name.Lose();

        await housekeeping.StartAsync(Cancel);
        await UntilAsync(() => Task.FromResult(housekeeping.ExecuteTask!.IsCompleted || name.Asked > 2));
        Assert.False(housekeeping.ExecuteTask!.IsCompleted);

        name.GiveBack();
        await UntilAsync(() => database.ScalarAsync<bool>("SELECT count(*) >= 2 FROM storage_jobs WHERE succeeded"));

        await housekeeping.StopAsync(Cancel);
        Assert.True(housekeeping.ExecuteTask.IsCompletedSuccessfully);

        Task UntilAsync(Func<Task<bool>> condition) => Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return condition();
        });
    }
}
