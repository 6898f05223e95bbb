using System.Globalization;
using System.Text;
using Npgsql;
using SignalFlow.Api.Posts.Search;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Feed;

/// <summary>
/// One page of the feed in SQL. The text has no values in it but the number of rows, so requests of one shape share a statement; with the number in
/// it the planner knows that the page is small, whatever the values are. Conditions that an index is made for are written as the index has them.
/// </summary>
internal sealed class FeedStatement
{
    private readonly List<NpgsqlParameter> _parameters = [];
    private readonly string _direction;
    private readonly int _rows;

    /// <param name="conditions">Only on the posts themselves.</param>
    /// <param name="rows">How many, from the cursor on.</param>
    public FeedStatement(PostConditions conditions, int rows)
    {
        var filter = conditions.Filter;
        _rows = rows;
        _direction = filter.IsBackwards ? "ASC" : "DESC";
        Add(filter.AsOf.UtcDateTime);
        var where = Where(filter);
        var page = conditions.Subreddits switch
        {
            null => Page(where),
            [var only] => Page($"{where} AND subreddit_id = {Add(only)}"),
            // Of many subreddits one sees enough in any part of the feed. Few may be small, or have fallen silent, and a walk through the feed would go
            // on for long: so a page of each, and of them all the newest.
            { Length: <= MostMerged } some when !conditions.IndexedBesideSubreddit => Merged(where, some),
            var many => Page($"{where} AND subreddit_id = ANY ({Add(many)})"),
        };
        Sql = $"""
            SELECT {PostColumns.Sql}
            FROM (
            {page}
            ) p
            JOIN subreddits s ON s.id = p.subreddit_id
            LEFT JOIN post_nlp_features f ON f.post_id = p.id
            LEFT JOIN post_surge g ON g.post_id = p.id
            ORDER BY p.created_utc {_direction}, p.id {_direction}
            """;
    }

    private const int MostMerged = 20;

    public string Sql { get; }

    public IReadOnlyList<NpgsqlParameter> Parameters => _parameters;

    private string Page(string where) => string.Create(
        CultureInfo.InvariantCulture,
        $"  SELECT * FROM posts WHERE {where} ORDER BY created_utc {_direction}, id {_direction} LIMIT {_rows}");

    private string Merged(string where, int[] subreddits) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
          SELECT page.* FROM unnest({Add(subreddits)}) wanted
          CROSS JOIN LATERAL (
          {Page($"{where} AND subreddit_id = wanted")}
          ) page
          ORDER BY created_utc {_direction}, id {_direction} LIMIT {_rows}
        """);

    private string Where(PostFilter filter)
    {
        var where = new StringBuilder("purged_at IS NULL");
        if (filter.Author is { } author)
            And($"lower(author) = lower({Add(author)})");
        if (filter.Flair is { } flair)
            And($"lower(flair) = lower({Add(flair)})");
        if (filter.Trending is { } trending)
            And(trending ? "is_trending" : "NOT is_trending");
        if (filter.Over18 is { } over18)
            And(over18 ? "over_18" : "NOT over_18");
        if (filter.MinScore is { } least)
        {
            And($"current_score >= {Add(least)}");
            if (least >= ScoreTiers.High)
                And(least >= ScoreTiers.Highest ? "score_tier >= 2" : "score_tier >= 1");
        }

        if (filter.MaxScore is { } most)
        {
            And($"current_score <= {Add(most)}");
            if (most < 0)
                And("score_tier < 0");
        }

        if (filter.Phases is { Length: > 0 } phases)
        {
            // Those between the first and the last phase are few, and an index has them; of the others there are enough in any part of the feed.
            And(Array.TrueForAll(phases, phase => phase is >= 1 and <= 3)
                ? $"id = ANY (ARRAY(SELECT post_id FROM post_surge WHERE phase IN (1, 2, 3) AND phase = ANY ({Add(phases)})))"
                : $"EXISTS (SELECT FROM post_surge WHERE post_surge.post_id = posts.id AND phase = ANY ({Add(phases)}))");
        }

        if (filter.Tiers is { Length: > 0 } tiers)
            And($"poll_priority = ANY ({Add(tiers)})");
        if (filter.Start is { } start)
            And($"created_utc >= {Add(start)}");
        if (filter.End is { } end)
            And($"created_utc < {Add(end)}");
        if (filter.Cursor is { } cursor)
            And($"(created_utc, id) {(cursor.Backwards ? '>' : '<')} ({Add(cursor.Created)}, {Add(cursor.Id)})");
        return where.ToString();

        void And(string condition) => where.Append(" AND ").Append(condition);
    }

    private string Add<T>(T value)
    {
        _parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return string.Create(CultureInfo.InvariantCulture, $"${_parameters.Count}");
    }
}
