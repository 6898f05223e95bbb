using Npgsql;
using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Ui;

/// <summary>Posts whose titles say when they were last changed.</summary>
internal static class ChangedPosts
{
    public static async Task FillAsync(NpgsqlDataSource dataSource, int posts, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            WITH subreddit AS (INSERT INTO subreddits (name) VALUES ('technology') RETURNING id)
            INSERT INTO posts (id, subreddit_id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments)
            SELECT 'p' || number, subreddit.id, 'A post about something of ordinary length, number ' || number, 'someone', now() - number * interval '1 s', now(), now(), 1, 0
            FROM subreddit, generate_series(1, $1) AS number
            """);
        command.Parameters.Add(new() { Value = posts });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Changes some posts, in turn, in one transaction.</summary>
    public static async Task<List<PostView>> ChangeAsync(NpgsqlDataSource dataSource, int turn, int posts, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            UPDATE posts SET current_score = current_score + 1, last_polled_at = clock_timestamp(),
              title = 'A post of ordinary length, committed at ' || (extract(epoch FROM clock_timestamp()) * 1000)::bigint
            WHERE substr(id, 2)::int % (SELECT greatest(1, count(*) / $2) FROM posts) = abs($1) % (SELECT greatest(1, count(*) / $2) FROM posts)
            RETURNING id, title, author, created_utc, first_seen_at, last_polled_at, current_score, current_comments
            """);
        command.Parameters.Add(new() { Value = turn });
        command.Parameters.Add(new() { Value = posts });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var changed = new List<PostView>();
        while (await reader.ReadAsync(cancellationToken))
            changed.Add(Live.LiveRun.View(reader));
        return changed;
    }
}
