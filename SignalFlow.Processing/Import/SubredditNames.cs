using Npgsql;

namespace SignalFlow.Processing.Import;

/// <summary>
/// How a subreddit is written here. The original writes it as whoever configured it did, and may have it in several ways; Reddit ignores case.
/// </summary>
internal sealed class SubredditNames
{
    private readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);

    private SubredditNames()
    {
    }

    public static async Task<SubredditNames> LoadAsync(NpgsqlDataSource target, CancellationToken cancellationToken)
    {
        var names = new SubredditNames();
        // Those of stored posts are as Reddit writes them.
        await using var command = target.CreateCommand(
            "SELECT name FROM (SELECT 1 AS rank, id, name FROM subreddits UNION ALL SELECT 2, id, name FROM subreddit_config) AS known ORDER BY rank, id");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            names.Here(reader.GetString(0));
        return names;
    }

    public string? Here(string? name)
    {
        if (name is null)
            return null;
        if (_names.TryGetValue(name, out var known))
            return known;
        _names.Add(name, name);
        return name;
    }
}
