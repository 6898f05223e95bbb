using Npgsql;

namespace SignalFlow.Storage.Trending;

/// <summary>What a process decides on trending posts by.</summary>
/// <param name="Instance">The process.</param>
/// <param name="Since">When it began to.</param>
/// <param name="ReportedAt">When it last said so.</param>
public sealed record TrendingReport(
    string Instance, double VelocityHigh, double VelocityLow, double SentimentMin, int CommentMin, double Cutoff, DateTime Since, DateTime ReportedAt);

/// <summary>The table <c>trending_thresholds</c>: processing says what it uses, so that nobody has to guess from another process's configuration.</summary>
public sealed class TrendingThresholdStore(NpgsqlDataSource dataSource)
{
    // Three reports are missing then.
    private const string Gone = "interval '3 minutes'";

    /// <summary>Those that still report, the newest report first.</summary>
    public async Task<IReadOnlyList<TrendingReport>> GetAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            SELECT instance, velocity_high, velocity_low, sentiment_min, comment_min, cutoff, since, reported_at FROM trending_thresholds
            WHERE reported_at > now() - {Gone} ORDER BY reported_at DESC, instance
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var reports = new List<TrendingReport>();
        while (await reader.ReadAsync(cancellationToken))
        {
            reports.Add(new(
                reader.GetString(0), reader.GetDouble(1), reader.GetDouble(2), reader.GetDouble(3), reader.GetInt32(4), reader.GetDouble(5),
                reader.GetDateTime(6), reader.GetDateTime(7)));
        }

        return reports;
    }

    /// <summary>Reports, and forgets those that have stopped to.</summary>
    public async Task ReportAsync(
        string instance, double velocityHigh, double velocityLow, double sentimentMin, int commentMin, double cutoff, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand($"""
            WITH gone AS (DELETE FROM trending_thresholds WHERE reported_at < now() - {Gone} AND instance <> $1)
            INSERT INTO trending_thresholds AS stored (instance, velocity_high, velocity_low, sentiment_min, comment_min, cutoff, since, reported_at)
            VALUES ($1, $2, $3, $4, $5, $6, now(), now())
            ON CONFLICT (instance) DO UPDATE SET
              velocity_high = excluded.velocity_high, velocity_low = excluded.velocity_low, sentiment_min = excluded.sentiment_min,
              comment_min = excluded.comment_min, cutoff = excluded.cutoff, reported_at = excluded.reported_at,
              since = CASE
                WHEN (stored.velocity_high, stored.velocity_low, stored.sentiment_min, stored.comment_min, stored.cutoff)
                  = (excluded.velocity_high, excluded.velocity_low, excluded.sentiment_min, excluded.comment_min, excluded.cutoff) THEN stored.since
                ELSE excluded.since END
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = instance });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = velocityHigh });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = velocityLow });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = sentimentMin });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = commentMin });
        command.Parameters.Add(new NpgsqlParameter<double> { TypedValue = cutoff });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
