using System.Diagnostics.Metrics;
using Confluent.Kafka;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Processing;
using SignalFlow.Processing.Anomalies;
using SignalFlow.Processing.Discovery;
using SignalFlow.Processing.Shifts;
using SignalFlow.Processing.Terms;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Discovery;

/// <summary>Which process looks at all posts together, and what a failure holds up.</summary>
public sealed class DiscoveryServiceTests : IDisposable
{
    private const string Posts = """
        INSERT INTO subreddits (name) VALUES ('news');
        INSERT INTO posts (id, subreddit_id, title, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
        VALUES ('a', 1, 'Meteorite falls over Bavaria', '2026-11-23 08:00Z', '2026-11-23 08:01Z', '2026-11-23 08:01Z', 1, 0);
        """;

    private readonly PostgresFixture _postgres;
    private readonly EmbeddedKafka _kafka = EmbeddedKafka.Start(brokers: 1);

    public DiscoveryServiceTests(PostgresFixture postgres)
    {
        _postgres = postgres;
        _kafka.CreateTopic(KafkaTopics.Raw, 2, 1);
        _kafka.CreateTopic(KafkaTopics.Refresh, 2, 1);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_fails_holds_up_nothing_else_and_is_counted()
    {
        await using var database = await MigratedDatabase.CreateAsync(_postgres);
        await database.ExecuteAsync(Posts + "DROP TABLE term_hours CASCADE");
        await using var process = new Process(database, _kafka);
        using var failures = new MetricCollector<long>(process.Meters, ProcessingMetrics.MeterName, "signalflow_discovery_failures");

        await process.Service.StartAsync(Cancel);

        await Eventually.TrueAsync(async () => await database.ScalarAsync<long>("SELECT count(*) FROM analysis_progress") == 2);
        Assert.Equal(["a"], await database.TextsAsync("SELECT post_id FROM post_stories"));
        Assert.Equal("terms", Assert.Single(failures.GetMeasurementSnapshot(), failure => failure.Value > 0).Tags["work"]);
    }

    [Fact]
    public async Task Whoever_leads_ends_without_an_error_though_the_database_has_gone_first()
    {
        await using var database = await MigratedDatabase.CreateAsync(_postgres);
        await database.ExecuteAsync(Posts);
        await using var process = new Process(database, _kafka);
        await process.Service.StartAsync(Cancel);
        await Eventually.TrueAsync(async () => process.Leads == 1 && await database.ScalarAsync<long>("SELECT count(*) FROM analysis_progress") == 2);

        await database.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        await process.Service.StopAsync(Cancel);

        await process.Service.ExecuteTask!;
    }

    [Fact]
    public async Task One_process_leads_until_it_ends_then_another_goes_on()
    {
        await using var database = await MigratedDatabase.CreateAsync(_postgres);
        await database.ExecuteAsync(Posts);
        await using var first = new Process(database, _kafka);
        await using var second = new Process(database, _kafka);
        await first.Service.StartAsync(Cancel);
        await Eventually.TrueAsync(() => Task.FromResult(first.Leads == 1));
        await second.Service.StartAsync(Cancel);
        for (var turn = 0; turn < 5; turn++)
            second.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, second.Leads);

        await first.Service.StopAsync(Cancel);

        await Eventually.TrueAsync(() =>
        {
            second.Time.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(second.Leads == 1);
        });
        Assert.Equal(0, first.Leads);
    }

    public void Dispose() => _kafka.Dispose();

    private sealed class Process : IAsyncDisposable
    {
        private readonly ServiceProvider _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly StoredUntil _stored;
        private readonly MetricCollector<int> _leads;

        public Process(MigratedDatabase database, EmbeddedKafka kafka)
        {
            var source = database.DataSource;
            var metrics = new DiscoveryMetrics(Meters);
            _stored = new(
                new(new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = "processing" }), metrics, Time, NullLogger<StoredUntil>.Instance);
            _leads = new(Meters, ProcessingMetrics.MeterName, "signalflow_discovery_leads");
            Service = new(
                source, _stored, new(new(source), NullLogger<TermKeeper>.Instance), new(new(source), Time), new ShiftKeeper(new(source), new(source)),
                new AnomalyKeeper(new(source), new(source)), metrics, Time, NullLogger<DiscoveryService>.Instance);
        }

        public FakeTimeProvider Time { get; } = new(new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

        public IMeterFactory Meters => _provider.GetRequiredService<IMeterFactory>();

        public DiscoveryService Service { get; }

        public int Leads
        {
            get
            {
                _leads.RecordObservableInstruments();
                return _leads.LastMeasurement!.Value;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Service.StopAsync(CancellationToken.None);
            Service.Dispose();
            _leads.Dispose();
            _stored.Dispose();
            await _provider.DisposeAsync();
        }
    }
}
