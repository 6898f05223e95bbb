using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Ops;

namespace SignalFlow.Web.Components.Admin;

/// <summary>Which subreddits the grid shows, in which order. Lives in the address of the page.</summary>
/// <param name="Text">Part of the name; empty: all.</param>
/// <param name="Sort">One of <see cref="Columns"/>.</param>
/// <param name="Descends">Z to A, or the most first.</param>
internal sealed record GridView(string Text, string Sort, bool Descends)
{
    public const string Path = "/admin/subreddits";

    public static readonly GridView Default = new("", "name", false);

    public static readonly IReadOnlyList<string> Columns = ["name", "status", "tier", "interval", "polled", "posts"];

    private static readonly string[] Tiers = ["fast", "medium", "slow"];

    public static GridView FromUri(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        var sort = query.TryGetValue("sort", out var given) ? given.ToString() : Default.Sort;
        return new(
            query.TryGetValue("q", out var text) ? text.ToString().Trim() : "",
            Columns.Contains(sort) ? sort : Default.Sort,
            query.TryGetValue("dir", out var direction) && direction == "desc");
    }

    public string ToUri()
    {
        var query = new Dictionary<string, string?>
        {
            ["q"] = Text.Length == 0 ? null : Text,
            ["sort"] = Sort == Default.Sort ? null : Sort,
            ["dir"] = Descends ? "desc" : null,
        };
        return QueryHelpers.AddQueryString(Path, query);
    }

    /// <summary>What a click on the header of a column leads to: its order, and from there the other way round.</summary>
    public GridView By(string column) => this with { Sort = column, Descends = Sort == column && !Descends };

    /// <summary>For <c>aria-sort</c>.</summary>
    public string? Order(string column) => Sort != column ? null : Descends ? "descending" : "ascending";

    public IEnumerable<ConfiguredSubreddit> Of(IEnumerable<ConfiguredSubreddit> all)
    {
        var shown = all.Where(row => row.Name.Contains(Text, StringComparison.OrdinalIgnoreCase));
        return Sort switch
        {
            "status" => Ordered(shown, row => (int)RowStatus.Of(row).Group),
            "tier" => Ordered(shown, row => Array.IndexOf(Tiers, row.Tier)),
            "interval" => Ordered(shown, row => row.IntervalSeconds ?? int.MaxValue),
            "polled" => Ordered(shown, row => row.Polling.LastPollAt ?? DateTimeOffset.MinValue),
            "posts" => Ordered(shown, row => row.Polling.PostsPerHour ?? -1),
            _ => Descends
                ? shown.OrderByDescending(row => row.Name, StringComparer.OrdinalIgnoreCase)
                : shown.OrderBy(row => row.Name, StringComparer.OrdinalIgnoreCase),
        };
    }

    private IEnumerable<ConfiguredSubreddit> Ordered<T>(IEnumerable<ConfiguredSubreddit> rows, Func<ConfiguredSubreddit, T> key) =>
        (Descends ? rows.OrderByDescending(key) : rows.OrderBy(key)).ThenBy(row => row.Name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>What ingestion has found of a configured subreddit, as the operations page says it.</summary>
internal static class RowStatus
{
    public static SubredditStatus Of(ConfiguredSubreddit row) => row.Active
        ? SubredditStatus.Of(new() { Name = row.Name, IsActive = true, Status = row.Polling.Status, Gaps = 0 })
        : new(StatusGroup.Inactive, "Paused");

    /// <summary>Ingestion has not taken it up yet.</summary>
    public static bool Waits(ConfiguredSubreddit row) => Of(row).Group == StatusGroup.Waiting;
}
