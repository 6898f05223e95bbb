using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Search, statistics, the history of one post and the overview of all subreddits.</summary>
internal sealed class OtherQueries(NpgsqlDataSource source, StorageData data)
{
    private const double SearchBar = 50;

    public async Task<List<StorageQuery>> AllAsync(CancellationToken cancellationToken) =>
    [
        Search("search_common", Walk, "", Vocabulary.Common[10..15]),
        Search("search_rare", LookUp, "", Vocabulary.Rare[200..205]),
        Search("search_two_common", Walk, "", [.. Enumerable.Range(20, 5).Select(word => $"{Vocabulary.Common[word]} {Vocabulary.Common[word + 30]}")]),
        Search("search_common_ranked", Ranked, "&sort=relevance", Vocabulary.Common[10..15]),
        Search("search_rare_ranked", Ranked, "&sort=relevance", Vocabulary.Rare[200..205]),
        Stats("stats_day", days: 1, bar: 50),
        Stats("stats_30_days", days: 30, bar: 300),
        await HistoryAsync("history_young", TimeSpan.FromHours(3), cancellationToken),
        await HistoryAsync("history_old", TimeSpan.FromDays(25), cancellationToken),
        Overview(),
    ];

    /// <summary>A common word by hand: through the newest until the page is full.</summary>
    private static string Walk => $"""
        SELECT {FeedQueries.Columns} {FeedQueries.Tables}
        WHERE p.purged_at IS NULL AND n.document @@ websearch_to_tsquery('english', $1) ORDER BY n.created_utc DESC, n.post_id DESC LIMIT 50
        """;

    /// <summary>A rare one: all that the index has, and of these the newest.</summary>
    private static string LookUp => $"""
        WITH hits AS MATERIALIZED (SELECT * FROM post_nlp_features WHERE document @@ websearch_to_tsquery('english', $1))
        SELECT {FeedQueries.Columns} FROM hits n JOIN posts p ON p.id = n.post_id JOIN subreddits s ON s.id = p.subreddit_id
        WHERE p.purged_at IS NULL ORDER BY n.created_utc DESC, n.post_id DESC LIMIT 50
        """;

    /// <summary>The best of the newest thousand.</summary>
    private static string Ranked => $"""
        WITH hits AS MATERIALIZED (
          SELECT * FROM post_nlp_features WHERE document @@ websearch_to_tsquery('english', $1) ORDER BY created_utc DESC, post_id DESC LIMIT 1000
        ), best AS MATERIALIZED (
          SELECT *, ts_rank_cd(document, websearch_to_tsquery('english', $1) || websearch_to_tsquery('simple', $1), 1) AS rank FROM hits
          ORDER BY rank DESC, post_id DESC LIMIT 50
        )
        SELECT {FeedQueries.Columns} FROM best n JOIN posts p ON p.id = n.post_id JOIN subreddits s ON s.id = p.subreddit_id
        WHERE p.purged_at IS NULL ORDER BY n.rank DESC, n.post_id DESC
        """;

    private static StorageQuery Search(string name, string sql, string order, string[] texts) => new()
    {
        Name = name,
        Bar = SearchBar,
        Sql = sql,
        Variants = [.. texts.Select(text => new QueryVariant($"/api/posts/?q={Uri.EscapeDataString(text)}{order}", [text]))],
        Keys = Results("id"),
    };

    private StorageQuery Stats(string name, int days, double bar)
    {
        var last = DateOnly.FromDateTime(data.Now).AddDays(-1);
        // One day: different ones.
        var ends = days == 1 ? Enumerable.Range(0, 10).Select(day => last.AddDays(-day)) : [last];
        return new()
        {
            Name = name,
            Bar = bar,
            IsCached = true,
            Sql = """
                SELECT s.name, sum(posts), sum(score_sum), sum(comments_sum), sum(trending), sum(sentiment_posts), sum(sentiment_sum)
                FROM post_stats_hourly hour JOIN subreddits s ON s.id = hour.subreddit_id
                WHERE bucket >= $1 AND bucket < $2 GROUP BY s.name ORDER BY sum(posts) DESC, s.name
                """,
            Variants =
            [
                .. ends.Select(end => new QueryVariant(
                    $"/api/stats/?start={end.AddDays(1 - days):yyyy-MM-dd}&end={end:yyyy-MM-dd}",
                    [end.AddDays(1 - days).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), end.AddDays(1).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)])),
            ],
            Keys = answer => answer.GetProperty("by_subreddit").EnumerateArray().Select(row => row.GetProperty("subreddit").GetString()!),
        };
    }

    /// <summary>Of twenty posts of that age.</summary>
    private async Task<StorageQuery> HistoryAsync(string name, TimeSpan age, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("""
            SELECT id, first_seen_at, last_polled_at, subreddit_id FROM posts WHERE created_utc < $1 AND purged_at IS NULL ORDER BY created_utc DESC, id DESC LIMIT 20
            """);
        command.Parameters.Add(new() { Value = data.Now - age });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var variants = new List<QueryVariant>();
        while (await reader.ReadAsync(cancellationToken))
            variants.Add(new($"/api/posts/{reader.GetString(0)}/history/", [reader.GetString(0), reader.GetDateTime(1), reader.GetDateTime(2), reader.GetInt32(3)]));
        return new()
        {
            Name = name,
            Bar = 5,
            Sql = """
                SELECT score, captured_at, num_comments, upvote_ratio FROM post_metrics_history
                WHERE post_id = $1 AND captured_at >= $2 AND captured_at <= $3 AND subreddit_id = $4 ORDER BY captured_at
                """,
            Variants = variants,
            Keys = Results("score"),
        };
    }

    private StorageQuery Overview()
    {
        var end = new DateTime(data.Now.Ticks - data.Now.Ticks % TimeSpan.TicksPerHour, DateTimeKind.Utc).AddHours(1);
        return new()
        {
            Name = "subreddit_overview",
            Bar = 100,
            Sql = """
                SELECT s.name, array_agg(bucket), array_agg(coalesce(posts, 0)), array_agg(coalesce(sentiment_sum, 0)), array_agg(coalesce(observations, 0)), sum(posts)
                FROM (SELECT * FROM post_stats_hourly WHERE bucket >= $1 AND bucket < $2) AS written
                FULL JOIN (SELECT bucket, subreddit_id, observations FROM post_metrics_hourly WHERE bucket >= $1 AND bucket < $2) AS seen USING (bucket, subreddit_id)
                JOIN subreddits s ON s.id = subreddit_id
                GROUP BY s.name ORDER BY s.name
                """,
            Variants = [new("/api/subreddits/", [end.AddHours(-24), end])],
            Keys = answer => answer.GetProperty("results").EnumerateArray()
                .Select(row => row.GetProperty("subreddit").GetString()!)
                .Order(StringComparer.Ordinal),
        };
    }

    private static Func<JsonElement, IEnumerable<string>> Results(string property) => answer =>
        answer.GetProperty("results").EnumerateArray().Select(row => row.GetProperty(property) is { ValueKind: JsonValueKind.Number } number
            ? number.GetInt64().ToString(CultureInfo.InvariantCulture)
            : row.GetProperty(property).GetString()!);
}
