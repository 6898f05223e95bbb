using Npgsql;

namespace SignalFlow.Storage.Posts;

/// <summary>What ingestion must know of a post to go on after a restart.</summary>
public sealed record TrackedPost(string Id, string Subreddit, DateTimeOffset CreatedUtc, DateTimeOffset LastPolledAt);

/// <summary>Reads the posts that are still young enough to be refreshed.</summary>
public sealed class TrackedPostStore(NpgsqlDataSource dataSource)
{
    public async Task<IReadOnlyList<TrackedPost>> LoadAsync(DateTimeOffset createdAfter, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("""
            SELECT post.id, subreddit.name, post.created_utc, post.last_polled_at
            FROM posts post JOIN subreddits subreddit ON subreddit.id = post.subreddit_id
            WHERE post.created_utc > $1
            """);
        command.Parameters.Add(new() { Value = createdAfter.UtcDateTime });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new List<TrackedPost>();
        while (await reader.ReadAsync(cancellationToken))
        {
            posts.Add(new(
                reader.GetString(0),
                reader.GetString(1),
                reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetFieldValue<DateTimeOffset>(3)));
        }

        return posts;
    }

    /// <summary>The subreddits of which there is any post, however old.</summary>
    public async Task<IReadOnlyList<string>> LoadSubredditsAsync(CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT name FROM subreddits");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var names = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
            names.Add(reader.GetString(0));
        return names;
    }

    /// <summary>Those of <paramref name="ids"/> that are in the database, however old.</summary>
    public async Task<IReadOnlySet<string>> FindKnownAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand("SELECT id FROM posts WHERE id = ANY ($1)");
        command.Parameters.Add(new() { Value = ids.ToArray() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new HashSet<string>();
        while (await reader.ReadAsync(cancellationToken))
            known.Add(reader.GetString(0));
        return known;
    }
}
