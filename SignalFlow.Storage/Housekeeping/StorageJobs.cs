using Microsoft.Extensions.Options;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Rules;
using SignalFlow.Storage.Migrations;
using SignalFlow.Storage.Posts;
using SignalFlow.Storage.Rollups;

namespace SignalFlow.Storage.Housekeeping;

/// <summary>The jobs of this database's mode.</summary>
internal sealed class StorageJobs(HistoryPartitions partitions, IOptions<StorageOptions> options, TimeProvider time, AlertEvaluation? alerts = null)
{
    private static readonly TimeSpan AuthorsInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HourlyInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AlertsInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetentionInterval = TimeSpan.FromHours(1);

    private StorageOptions Options => options.Value;

    public async Task<IReadOnlyList<StorageJob>> ForDatabaseAsync(CancellationToken cancellationToken)
    {
        var mode = await partitions.ModeAsync(cancellationToken);
        var jobs = new List<StorageJob>
        {
            new(1, "post_stats", Options.RollupInterval, PostRollup.RunAsync),
            new(2, "author_stats", AuthorsInterval, AuthorRollup.RunAsync),
        };
        if (mode == StorageMode.Timescale)
        {
            jobs.Add(new(5, "policies", RetentionInterval, (connection, cancel) => TimescalePolicies.ApplyAsync(connection, Options, cancel)));
        }
        else
        {
            jobs.Add(new(3, "hourly", HourlyInterval, (connection, cancel) => HourlyRollup.RunAsync(connection, Now, Horizon, cancel)));
            if (Options.RetentionDays > 0)
                jobs.Add(new(4, "retention", RetentionInterval, (connection, cancel) => HistoryRetention.RunAsync(connection, mode, Horizon, cancel)));
        }

        if (Options.RetentionDays > 0)
        {
            jobs.Add(new(6, "dead_letter_retention", RetentionInterval, (connection, cancel) => DeadLetterRetention.RunAsync(connection, Horizon, cancel)));
            jobs.Add(new(8, "alert_retention", RetentionInterval, (connection, cancel) => AlertRetention.RunAsync(connection, Horizon, cancel)));
        }

        if (alerts is not null)
            jobs.Add(new(7, "alerts", AlertsInterval, alerts.RunAsync));
        return jobs;
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private DateTime Horizon => Options.RetentionDays == 0 ? DateTime.UnixEpoch : Now.AddDays(-Options.RetentionDays);
}
