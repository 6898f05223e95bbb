using System.Globalization;
using Npgsql;
using SignalFlow.Api.Posts;

namespace SignalFlow.Benchmarks.Storage;

/// <summary>Lists of posts: every filter by time, at the first page and at page 1,000 or the last, and the other orders.</summary>
internal sealed class FeedQueries(NpgsqlDataSource source, StorageData data, ApiServer api)
{
    private const int PageSize = 50;
    private const int DeepPage = 1_000;
    private const double Bar = 15;
    private const double TrendingBar = 10;

    public const string Columns = """
        p.id, p.title, s.name, p.author, p.url, p.permalink, p.created_utc, p.first_seen_at, p.last_polled_at, p.current_score, p.current_comments,
        p.current_ratio, p.poll_priority, p.score_velocity, p.comment_velocity, p.trending_score, p.is_trending, p.over_18,
        n.sentiment_score, n.sentiment_label, n.keywords, n.topic_cluster
        """;

    public const string Tables = """
        FROM posts p JOIN subreddits s ON s.id = p.subreddit_id LEFT JOIN post_nlp_features n ON n.post_id = p.id
        """;

    public async Task<List<StorageQuery>> AllAsync(CancellationToken cancellationToken)
    {
        var queries = new List<StorageQuery>();
        foreach (var filter in FeedFilter.All(data, await SubredditsAsync(cancellationToken)))
        {
            queries.Add(First(filter));
            if (await DeepAsync(filter, cancellationToken) is { } deep)
                queries.Add(deep);
        }

        // The leaders of the day are of the highest step, if that has enough of them.
        queries.Add(Sorted("sort_score", "sort=score", "p.current_score", data.Posts >= 500_000 ? "p.score_tier >= 1" : "true", Bar));
        queries.Add(Sorted("sort_velocity", "sort=velocity", "p.score_velocity", "true", Bar));
        queries.Add(Sorted("trending_list", "trending=true&sort=trending", "p.trending_score", "p.is_trending", TrendingBar));
        queries.Add(Sorted("trending_velocity", "trending=true&sort=velocity", "p.score_velocity", "p.is_trending", TrendingBar));
        return queries;
    }

    private static StorageQuery First(FeedFilter filter) => new()
    {
        Name = $"feed_{filter.Name}",
        Bar = Bar,
        Sql = $"SELECT {Columns} {Tables} WHERE p.purged_at IS NULL AND {filter.Condition} {Newest(filter)} LIMIT {PageSize}",
        Variants = [.. filter.Variants.Select(variant => variant with { Path = $"/api/posts/?{variant.Path}" })],
        Keys = Ids,
    };

    /// <returns>Null where all fits on one page.</returns>
    private async Task<StorageQuery?> DeepAsync(FeedFilter filter, CancellationToken cancellationToken)
    {
        var place = filter.Variants[0].Parameters.Length;
        var variants = new List<QueryVariant>();
        var deepest = 0;
        foreach (var variant in filter.Variants)
        {
            if (await BeforeAsync(filter, variant, cancellationToken) is not var (page, created, id))
                continue;
            var cursor = await api.CursorAsync(variant.Path, new(PostSort.New, false, StorageData.Microseconds(created), id, data.Now), cancellationToken);
            variants.Add(new($"/api/posts/?{variant.Path}&cursor={cursor}", [.. variant.Parameters, created, id]));
            deepest = Math.Max(deepest, page);
        }

        return variants.Count == 0
            ? null
            : new()
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"feed_{filter.Name}_page_{deepest}"),
                Bar = Bar,
                Sql = $"""
                    SELECT {Columns} {Tables}
                    WHERE p.purged_at IS NULL AND {filter.Condition} AND {Place(filter)} < (${place + 1}, ${place + 2}) {Newest(filter)} LIMIT {PageSize}
                    """,
                Variants = variants,
                Keys = Ids,
            };
    }

    private static string Place(FeedFilter filter) => filter.OfFeatures ? "(n.created_utc, n.post_id)" : "(p.created_utc, p.id)";

    private static string Newest(FeedFilter filter) =>
        filter.OfFeatures ? "ORDER BY n.created_utc DESC, n.post_id DESC" : "ORDER BY p.created_utc DESC, p.id DESC";

    /// <summary>The row before the last full page of at most a thousand.</summary>
    private async Task<(int Page, DateTime Created, string Id)?> BeforeAsync(FeedFilter filter, QueryVariant variant, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var count = new NpgsqlCommand($"SELECT count(*) {Tables} WHERE p.purged_at IS NULL AND {filter.Condition}", connection);
        foreach (var parameter in variant.Parameters)
            count.Parameters.Add(new() { Value = parameter });
        var pages = (int)Math.Min(DeepPage, (long)(await count.ExecuteScalarAsync(cancellationToken))! / PageSize);
        if (pages < 2)
            return null;

        await using var row = new NpgsqlCommand($"""
            SELECT p.created_utc, p.id {Tables}
            WHERE p.purged_at IS NULL AND {filter.Condition} {Newest(filter)} OFFSET {(pages - 1) * PageSize - 1} LIMIT 1
            """, connection);
        foreach (var parameter in variant.Parameters)
            row.Parameters.Add(new() { Value = parameter });
        await using var reader = await row.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (pages, reader.GetDateTime(0), reader.GetString(1));
    }

    /// <summary>The posts of the last day by something else than time.</summary>
    private StorageQuery Sorted(string name, string query, string key, string condition, double bar) => new()
    {
        Name = name,
        Bar = bar,
        Sql = $"""
            SELECT {Columns}
            FROM (SELECT * FROM posts p WHERE p.purged_at IS NULL AND {condition} AND p.created_utc >= $1 ORDER BY {key} DESC, p.id DESC LIMIT {PageSize}) p
            JOIN subreddits s ON s.id = p.subreddit_id LEFT JOIN post_nlp_features n ON n.post_id = p.id
            ORDER BY {key} DESC, p.id DESC
            """,
        // The API's clock has gone on for a moment; what is at the end of the day does not lead the list.
        Variants = [new($"/api/posts/?{query}", [data.Now.AddDays(-1)])],
        Keys = Ids,
    };

    /// <summary>Those with posts, the largest first.</summary>
    private async Task<string[]> SubredditsAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("""
            SELECT array_agg(name ORDER BY posts DESC, name) FROM (SELECT s.name, count(*) AS posts FROM posts p JOIN subreddits s ON s.id = p.subreddit_id GROUP BY 1) AS sizes
            """);
        return (string[])(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static IEnumerable<string> Ids(System.Text.Json.JsonElement answer) =>
        answer.GetProperty("results").EnumerateArray().Select(post => post.GetProperty("id").GetString()!);
}
