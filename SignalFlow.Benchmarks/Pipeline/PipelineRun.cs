using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Embedded;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Benchmarks.Pipeline;

/// <summary>For every number of consumers and batch size: raw and refresh, ours and the limit one after the other, each on a database of its own.</summary>
internal sealed class PipelineRun
{
    // Enough for the compiler to have seen the hot paths.
    private const int WarmUpMessages = 20_000;
    private const int ConnectionsEach = 20;

    private int _databases;

    public required int Messages { get; init; }
    public required int[] BatchSizes { get; init; }
    public required int[] Consumers { get; init; }
    public required TextWriter Output { get; init; }

    public async Task<PipelineReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("signalflow-pipeline-");
        var options = new EmbeddedPostgresOptions { DataFolder = folder.FullName };
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            Line($"{Messages:N0} messages a phase, {PipelineServers.Partitions} partitions, produced beforehand; fsync on; load {Load()}");
            await MeasureAsync(postgres, WarmUpMessages, 50, 1, cancellationToken);
            var report = new PipelineReport();
            Line($"{"path",-8}{"batch",6}{"consumers",10}{"msgs/s",10}{"limit/s",10}{"ratio",7}  {"flush P50/P95/P99 ms",-24}{"of the limit",-24}{"CPU us",7}{"alloc B",9}{"RSS MB",7}");
            foreach (var consumers in Consumers)
            {
                foreach (var batchSize in BatchSizes)
                {
                    foreach (var row in await MeasureAsync(postgres, Messages, batchSize, consumers, cancellationToken))
                    {
                        report.Add(row);
                        Print(row);
                    }
                }
            }

            Line($"load {Load()}");
            return report;
        }
        finally
        {
            await EmbeddedPostgres.DeleteAsync(options, CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    private async Task<PipelineRow[]> MeasureAsync(
        EmbeddedPostgres postgres, int messages, int batchSize, int consumers, CancellationToken cancellationToken)
    {
        var own = await DatabaseAsync(postgres, cancellationToken);
        var limits = await DatabaseAsync(postgres, cancellationToken);
        await using var servers = await PipelineServers.StartAsync(cancellationToken);
        var rows = new List<PipelineRow>();
        foreach (var refresh in new[] { false, true })
        {
            await servers.ProduceAsync(refresh ? KafkaTopics.Refresh : KafkaTopics.Raw, messages, cancellationToken);
            await CheckpointAsync(own, cancellationToken);
            var ours = await ProcessingPhase.RunAsync(servers, own, messages, batchSize, consumers, cancellationToken);
            await CheckpointAsync(limits, cancellationToken);
            var limit = await servers.LimitAsync(new(limits, refresh, messages, batchSize, consumers), cancellationToken);
            rows.Add(new() { IsRefresh = refresh, BatchSize = batchSize, Consumers = consumers, Ours = ours, Limit = limit });
        }

        return [.. rows];
    }

    /// <summary>So that neither pays for what the other has written.</summary>
    private static async Task CheckpointAsync(string database, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("CHECKPOINT");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<string> DatabaseAsync(EmbeddedPostgres postgres, CancellationToken cancellationToken)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"pipeline_{++_databases}");
        await postgres.CreateDatabaseAsync(name, cancellationToken);
        var connectionString = new NpgsqlConnectionStringBuilder(postgres.ConnectionString(name)) { MaxPoolSize = ConnectionsEach }.ConnectionString;
        await using var source = NpgsqlDataSource.Create(connectionString);
        await new DatabaseMigrator(source, TimeProvider.System, NullLogger<DatabaseMigrator>.Instance).MigrateAsync(cancellationToken);
        return connectionString;
    }

    private void Print(PipelineRow row) => Line(
        $"{(row.IsRefresh ? "refresh" : "raw"),-8}{row.BatchSize,6:N0}{row.Consumers,10}{row.Ours.MessagesPerSecond,10:N0}{row.Limit.MessagesPerSecond,10:N0}{row.Ratio,7:P0}  {Times(row.Ours.Flushes),-24}{Times(row.Limit.Flushes),-24}{row.Ours.CpuPerMessage,7:F1}{row.Ours.AllocatedPerMessage,9:N0}{row.Ours.PeakRss >> 20,7}");

    private void Line(FormattableString text) => Output.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static string Times(Percentiles flushes) =>
        string.Create(CultureInfo.InvariantCulture, $"{flushes.P50:F1} / {flushes.P95:F1} / {flushes.P99:F1}");

    private static string Load() => File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";
}
