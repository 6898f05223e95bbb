using Npgsql;
using SignalFlow.Processing.Terms;

namespace SignalFlow.Processing.Discovery;

/// <summary>The table <c>analysis_progress</c>: which hour is the next one.</summary>
internal sealed class HourProgress(NpgsqlDataSource dataSource)
{
    /// <param name="name">Of the work.</param>
    /// <param name="reach">What is further back is passed over.</param>
    /// <param name="until">What was published before is stored.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <returns>Null: no hour is over by then, or there are no posts yet.</returns>
    public async Task<DateTimeOffset?> NextAsync(string name, TimeSpan reach, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var from = TermClock.HourOf(until - reach);
        await using var command = dataSource.CreateCommand("""
            SELECT coalesce((SELECT closed_to FROM analysis_progress WHERE name = $1), (SELECT min(created_utc) FROM posts WHERE created_utc >= $2))
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = from.UtcDateTime });
        if (await command.ExecuteScalarAsync(cancellationToken) is not DateTime first)
            return null;
        var next = TermClock.HourOf(first);
        if (next < from)
            next = from;
        return HourClock.ClosesAt(next) <= until ? next : null;
    }

    /// <summary>Says in the transaction of what was found in the hour that it is done.</summary>
    public static NpgsqlBatchCommand Closed(string name, DateTimeOffset hour) => new("""
        INSERT INTO analysis_progress (name, closed_to) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET closed_to = excluded.closed_to
        """)
    {
        Parameters =
        {
            new NpgsqlParameter<string> { TypedValue = name },
            new NpgsqlParameter<DateTime> { TypedValue = (hour + HourClock.Hour).UtcDateTime },
        },
    };
}
