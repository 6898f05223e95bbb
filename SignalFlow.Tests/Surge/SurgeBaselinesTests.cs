using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Processing;
using SignalFlow.Processing.Surge;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Surge;

/// <summary>Which tables of baselines a process has in memory.</summary>
public sealed class SurgeBaselinesTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_table_that_nobody_has_used_for_five_minutes_is_dropped()
    {
        await using var world = await WorldAsync();
        await world.Baselines.EnsureAsync(Instants(8), Cancel);
        Assert.Equal(8, world.Tables);

        world.Time.Advance(TimeSpan.FromMinutes(4));
        await world.Baselines.EnsureAsync([Instants(8)[2]], Cancel);
        world.Time.Advance(TimeSpan.FromMinutes(2));
        await world.Baselines.EnsureAsync([Instants(9)[^1]], Cancel);

        Assert.Equal(2, world.Tables);
        Assert.NotSame(BaselineTable.Empty, world.Baselines.At(Instants(8)[2]));
    }

    [Fact]
    public async Task What_was_asked_for_is_there_however_much_it_is()
    {
        await using var world = await WorldAsync();

        await world.Baselines.EnsureAsync(Instants(300), Cancel);

        Assert.All(Instants(300), instant => Assert.False(world.Baselines.At(instant).Of(Community.Name).IsEmpty));
    }

    /// <summary>One of each of the first cuts, microseconds.</summary>
    private static long[] Instants(int count) =>
        [.. Enumerable.Range(0, count).Select(cut => (Start - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond + (cut + 2) * BaselineCut.Period)];

    private async Task<World> WorldAsync()
    {
        var database = await MigratedDatabase.CreateAsync(postgres);
        await using var insert = database.DataSource.CreateCommand(
            "INSERT INTO surge_baselines (cut, speed, posts, content, made_at) VALUES ($1, 1, 200, $2, now())");
        insert.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = Start.UtcDateTime });
        insert.Parameters.Add(new() { Value = BaselineRowsCodec.Encode(Community.Builder().Rows()), NpgsqlDbType = NpgsqlDbType.Bytea });
        await insert.ExecuteNonQueryAsync(Cancel);
        return new(database);
    }

    private sealed class World : IAsyncDisposable
    {
        private readonly MigratedDatabase _database;
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly MetricCollector<int> _tables;

        public World(MigratedDatabase database)
        {
            _database = database;
            var meters = _services.GetRequiredService<IMeterFactory>();
            _tables = new(meters, ProcessingMetrics.MeterName, "signalflow_surge_baselines");
            Baselines = new(
                database.DataSource, new SurgeClock(Options.Create(new SurgeOptions())), new SurgeMetrics(meters), Time, NullLogger<SurgeBaselines>.Instance);
        }

        /// <summary>Days later: none of the cuts is in the making.</summary>
        public FakeTimeProvider Time { get; } = new(Start.AddDays(10));

        public SurgeBaselines Baselines { get; }

        public int Tables
        {
            get
            {
                _tables.RecordObservableInstruments();
                return _tables.LastMeasurement!.Value;
            }
        }

        public async ValueTask DisposeAsync()
        {
            _tables.Dispose();
            await _services.DisposeAsync();
            await _database.DisposeAsync();
        }
    }
}
