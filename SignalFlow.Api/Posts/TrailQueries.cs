using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Api.Posts;

/// <summary>Reads the ends of several posts' histories, by the primary key of each day's partition.</summary>
internal sealed class TrailQueries(ReadConnections connections, TimeProvider time)
{
    public const int MaxPosts = 100;

    private const int MaxPoints = 32;

    // Two or three partitions; who is older than that is not watched closely any more.
    private static readonly TimeSpan Reach = TimeSpan.FromDays(2);

    /// <summary>In the order of <paramref name="ids"/>; posts that are not there or were purged are left out.</summary>
    public Task<PostTrails> GetAsync(string[] ids, CancellationToken cancellationToken) =>
        connections.ReadAsync(ReadAsync, (Ids: ids, From: time.GetUtcNow() - Reach), cancellationToken);

    private static async Task<PostTrails> ReadAsync(
        NpgsqlConnection connection, (string[] Ids, DateTimeOffset From) wanted, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("""
            SELECT post.id, point.captured_at, point.score
            FROM unnest($1) WITH ORDINALITY AS wanted (id, place)
            JOIN posts post ON post.id = wanted.id AND post.purged_at IS NULL
            CROSS JOIN LATERAL (
              SELECT captured_at, score FROM post_metrics_history
              WHERE post_id = post.id AND subreddit_id = post.subreddit_id AND captured_at >= $2
              ORDER BY captured_at DESC LIMIT $3) AS point
            ORDER BY wanted.place, point.captured_at
            """, connection);
        command.Parameters.Add(new() { Value = wanted.Ids });
        command.Parameters.Add(new() { Value = wanted.From.UtcDateTime });
        command.Parameters.Add(new() { Value = MaxPoints });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var trails = new List<PostTrail>(wanted.Ids.Length);
        List<TrailPoint> points = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetString(0);
            if (trails is not [.., var last] || last.Id != id)
                trails.Add(new(id, points = []));
            points.Add(new(reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt32(2)));
        }

        return new(trails);
    }
}
