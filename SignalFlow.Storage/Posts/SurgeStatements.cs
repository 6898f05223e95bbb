using Npgsql;
using NpgsqlTypes;

namespace SignalFlow.Storage.Posts;

/// <summary>The statements that write <c>post_surge</c>.</summary>
public static class SurgeStatements
{
    private const string Columns = """
        post_id, observed_at, folded, state, phase, phase_since, emerged_at, trended_at, surge, level, discussion, burst, times_typical, gain,
        window_minutes, forecast_low, forecast, forecast_high, chance, age_minutes, baseline_posts, peak_score, peak_velocity, base_folded, base_at
        """;

    private const string Values = """
        INSERT INTO post_surge AS stored (post_id, observed_at, folded, state, phase, phase_since, emerged_at, trended_at, surge, level, discussion, burst,
          times_typical, gain, window_minutes, forecast_low, forecast, forecast_high, chance, age_minutes, baseline_posts, peak_score, peak_velocity,
          base_folded, base_at)
        SELECT given.* FROM unnest(
          $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25
        ) AS given (post_id, observed_at, folded, state, phase, phase_since, emerged_at, trended_at, surge, level, discussion, burst,
          times_typical, gain, window_minutes, forecast_low, forecast, forecast_high, chance, age_minutes, baseline_posts, peak_score, peak_velocity,
          base_folded, base_at)
        """;

    /// <summary>
    /// Writes what continues the stored state, and leaves every other row alone: for these <see cref="Mark"/>, in the same transaction, asks for a
    /// fold from their history.
    /// </summary>
    internal static NpgsqlBatchCommand Continue(List<SurgeChange> changes)
    {
        var command = new NpgsqlBatchCommand($"""
            {Values}
            CROSS JOIN LATERAL (SELECT FROM posts WHERE posts.id = given.post_id AND posts.purged_at IS NULL LIMIT 1) AS post
            ORDER BY given.post_id
            ON CONFLICT (post_id) DO UPDATE SET {Assignments}
            WHERE stored.observed_at = excluded.base_at AND stored.folded = excluded.base_folded
            """);
        AddParameters(command.Parameters, changes);
        return command;
    }

    /// <summary>Writes what was folded from a post's whole history, whatever is stored. The caller has locked the rows, as far as there are any.</summary>
    public static NpgsqlBatchCommand Replace(List<SurgeChange> changes)
    {
        var command = new NpgsqlBatchCommand($"""
            {Values}
            CROSS JOIN LATERAL (SELECT FROM posts WHERE posts.id = given.post_id AND posts.purged_at IS NULL LIMIT 1) AS post
            ORDER BY given.post_id
            ON CONFLICT (post_id) DO UPDATE SET {Assignments}
            WHERE stored.observed_at <= excluded.observed_at AND stored.folded <= excluded.folded
            """);
        AddParameters(command.Parameters, changes);
        return command;
    }

    /// <summary>Marks the posts of which <see cref="Continue"/> has not stored what was given, and <paramref name="late"/> in any case.</summary>
    internal static NpgsqlBatchCommand Mark(List<SurgeChange> changes, IReadOnlyList<string> late)
    {
        // Subqueries are look-ups by key whatever the planner believes; NOT EXISTS was planned as a scan of the whole table.
        var command = new NpgsqlBatchCommand("""
            INSERT INTO surge_refolds AS mark (post_id, marked_at)
            SELECT missed.post_id, clock_timestamp() FROM (
              SELECT given.post_id FROM unnest($1, $2, $3) AS given (post_id, observed_at, folded)
              WHERE (SELECT (stored.observed_at, stored.folded) = (given.observed_at, given.folded) FROM post_surge stored WHERE stored.post_id = given.post_id) IS NOT TRUE
                AND (SELECT purged_at IS NULL FROM posts WHERE posts.id = given.post_id)
              UNION SELECT unnest($4)) AS missed
            ORDER BY missed.post_id
            ON CONFLICT (post_id) DO UPDATE SET marked_at = excluded.marked_at
            """);
        PostWriter.Add(command.Parameters, changes, change => change.PostId);
        PostWriter.Add(command.Parameters, changes, change => PostWriter.ToDateTime(change.ObservedAt));
        PostWriter.Add(command.Parameters, changes, change => change.Folded);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. late] });
        return command;
    }

    /// <summary>Events of the posts that have begun to rise, where the given state is the one that is stored. One of each post and phase, for ever.</summary>
    public static NpgsqlBatchCommand? Events(List<SurgeChange> changes)
    {
        var starts = changes.SelectMany(change => change.Starts.Select(start => (Change: change, Start: start))).ToList();
        if (starts.Count == 0)
            return null;
        var command = new NpgsqlBatchCommand("""
            INSERT INTO signal_events (kind, key, subject, subreddit, post_id, occurred_at, strength, detail)
            SELECT 'surge', 'surge:' || given.post_id || ':' || given.phase, given.post_id, given.subreddit, given.post_id, given.occurred_at, given.strength, given.detail::jsonb
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS given (post_id, observed_at, folded, subreddit, phase, occurred_at, strength, detail)
            WHERE (SELECT (stored.observed_at, stored.folded) = (given.observed_at, given.folded) FROM post_surge stored WHERE stored.post_id = given.post_id)
            ORDER BY 2
            ON CONFLICT (key) DO NOTHING
            """);
        PostWriter.Add(command.Parameters, starts, row => row.Change.PostId);
        PostWriter.Add(command.Parameters, starts, row => PostWriter.ToDateTime(row.Change.ObservedAt));
        PostWriter.Add(command.Parameters, starts, row => row.Change.Folded);
        PostWriter.Add(command.Parameters, starts, row => row.Change.Subreddit);
        PostWriter.Add(command.Parameters, starts, row => row.Start.Phase);
        PostWriter.Add(command.Parameters, starts, row => PostWriter.ToDateTime(row.Start.At));
        PostWriter.Add(command.Parameters, starts, row => row.Start.TimesTypical);
        PostWriter.Add(command.Parameters, starts, row => row.Start.Detail);
        return command;
    }

    /// <summary>What a purge leaves of a signal: nothing.</summary>
    internal static NpgsqlBatchCommand Purge(string[] ids) => new("DELETE FROM post_surge WHERE post_id = ANY ($1)")
    {
        Parameters = { new NpgsqlParameter<string[]> { TypedValue = ids } },
    };

    private static readonly string Assignments = string.Join(
        ", ", Columns.Split(',', StringSplitOptions.TrimEntries).Skip(1).Select(column => $"{column} = excluded.{column}"));

    private static void AddParameters(NpgsqlParameterCollection parameters, List<SurgeChange> changes)
    {
        PostWriter.Add(parameters, changes, change => change.PostId);
        PostWriter.Add(parameters, changes, change => PostWriter.ToDateTime(change.ObservedAt));
        PostWriter.Add(parameters, changes, change => change.Folded);
        parameters.Add(
            new NpgsqlParameter<byte[][]> { TypedValue = [.. changes.Select(change => change.State)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        PostWriter.Add(parameters, changes, change => change.Phase);
        PostWriter.Add(parameters, changes, change => Instant(change.PhaseSince));
        PostWriter.Add(parameters, changes, change => Instant(change.EmergedAt));
        PostWriter.Add(parameters, changes, change => Instant(change.TrendedAt));
        PostWriter.Add(parameters, changes, change => change.Surge);
        PostWriter.Add(parameters, changes, change => change.Level);
        PostWriter.Add(parameters, changes, change => change.Discussion);
        PostWriter.Add(parameters, changes, change => change.Burst);
        PostWriter.Add(parameters, changes, change => change.TimesTypical);
        PostWriter.Add(parameters, changes, change => change.Gain);
        PostWriter.Add(parameters, changes, change => change.WindowMinutes);
        PostWriter.Add(parameters, changes, change => change.Forecast?.Low);
        PostWriter.Add(parameters, changes, change => change.Forecast?.Median);
        PostWriter.Add(parameters, changes, change => change.Forecast?.High);
        PostWriter.Add(parameters, changes, change => change.Chance);
        PostWriter.Add(parameters, changes, change => change.AgeMinutes);
        PostWriter.Add(parameters, changes, change => change.BaselinePosts);
        PostWriter.Add(parameters, changes, change => change.PeakScore);
        PostWriter.Add(parameters, changes, change => change.PeakVelocity);
        PostWriter.Add(parameters, changes, change => change.BaseFolded);
        PostWriter.Add(parameters, changes, change => change.BaseAt is { } at ? PostWriter.ToDateTime(at) : (DateTime?)null);
    }

    private static DateTime? Instant(long microseconds) => microseconds == 0 ? null : PostWriter.ToDateTime(microseconds);
}
