using System.Globalization;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Admin.Subreddits;

/// <summary>A place in the list of configured subreddits.</summary>
/// <param name="Name">In lower case.</param>
internal sealed record ConfiguredSubredditCursor(bool Backwards, string Name)
{
    private const string List = "configured subreddits";

    public string Encode(CursorSeal seal, string scope) => seal.Close(List, scope, $"{(Backwards ? 'b' : 'f')}|{Name}");

    public static ConfiguredSubredditCursor? TryDecode(CursorSeal seal, string scope, string text) =>
        seal.Open(List, scope, text)?.Split('|', 2) is [var way, var name] ? new(way == "b", name) : null;
}

/// <summary>A checked query of the list.</summary>
internal sealed record ConfiguredSubredditFilter(
    bool? Active, string[] Tiers, string? Prefix, int PageSize, string Scope, ConfiguredSubredditCursor? Cursor);

/// <summary>Reads the configuration of subreddits beside what ingestion has found out.</summary>
internal sealed class ConfiguredSubredditQueries(SignalFlowDbContext database)
{
    public async Task<KeysetPage<ConfiguredSubreddit, ConfiguredSubredditCursor>> ListAsync(
        ConfiguredSubredditFilter filter, CancellationToken cancellationToken)
    {
        var rows = database.ConfiguredSubreddits.AsQueryable();
        if (filter.Active is { } active)
            rows = rows.Where(row => row.IsActive == active);
        if (filter.Tiers.Length > 0)
            rows = rows.Where(row => filter.Tiers.Contains(row.Tier));
        if (filter.Prefix is { } prefix)
            rows = rows.Where(row => row.SortName.StartsWith(prefix));
        var cursor = filter.Cursor;
        rows = cursor switch
        {
            null => rows.OrderBy(row => row.SortName),
            { Backwards: true } => rows.Where(row => string.Compare(row.SortName, cursor.Name) < 0).OrderByDescending(row => row.SortName),
            _ => rows.Where(row => string.Compare(row.SortName, cursor.Name) > 0).OrderBy(row => row.SortName),
        };
        // One row more than asked for tells whether there is another page.
        var page = await rows.Take(filter.PageSize + 1).TagWith("admin: subreddits").ToListAsync(cancellationToken);
        return KeysetPage<ConfiguredSubreddit, ConfiguredSubredditCursor>.Of(
            page.ConvertAll(View), filter.PageSize, cursor is null, cursor?.Backwards == true,
            (row, before) => new(before, row.Name.ToLowerInvariant()));
    }

    public async Task<ConfiguredSubreddit?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var sought = name.ToLowerInvariant();
        var row = await database.ConfiguredSubreddits.TagWith("admin: subreddit").SingleOrDefaultAsync(row => row.SortName == sought, cancellationToken);
        return row is null ? null : View(row);
    }

    private static ConfiguredSubreddit View(ConfiguredSubredditRow row) => new()
    {
        Name = row.Name,
        Tier = row.Tier,
        IntervalSeconds = row.IntervalSeconds,
        Active = row.IsActive,
        AddedBy = row.AddedBy,
        CreatedAt = row.CreatedAt,
        UpdatedAt = row.UpdatedAt,
        Version = row.Version.ToString(CultureInfo.InvariantCulture),
        Polling = new()
        {
            Status = row.Status,
            Detail = row.Detail,
            StatusSince = row.StatusSince,
            Exists = Exists(row.Status),
            Readable = row.Status == "ok" ? true : row.Status is "private" or "quarantined" or "banned" || Exists(row.Status) == false ? false : null,
            LastPollAt = row.LastPollAt,
            LastSuccessAt = row.LastSuccessAt,
            NextPollAt = row.NextPollAt,
            NewestPostAt = row.NewestPostAt,
            PostsPerHour = row.PostsPerHour,
            Gaps = row.Gaps,
        },
    };

    // What says nothing of the subreddit itself, such as a network that is down, leaves it open.
    private static bool? Exists(string status) => status switch
    {
        "ok" or "private" or "quarantined" or "banned" => true,
        "does_not_exist" or "not_found" or "renamed" => false,
        _ => null,
    };
}
