using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Api.Admin.Subreddits;

/// <summary>The query of the list as sent.</summary>
internal sealed record ConfiguredSubredditListRequest(
    [FromQuery(Name = "active")] string? Active,
    [FromQuery(Name = "tier")] string? Tier,
    [FromQuery(Name = "name")] string? Name,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "cursor")] string? Cursor);

/// <summary>What the fields of a subreddit may be, wherever they come from.</summary>
internal static partial class SubredditFields
{
    public const string DefaultTier = "medium";
    public const int ShortestInterval = 10;
    public const int LongestInterval = 86_400;

    private static readonly string[] Tiers = ["fast", "medium", "slow"];

    public static string NameRule => "name must be 2 to 50 letters, digits or underscores, as Reddit has it after /r/.";
    public static string TierRule => "tier must be fast, medium or slow.";
    public static string IntervalRule => string.Create(
        CultureInfo.InvariantCulture,
        $"interval_seconds must be a whole number from {ShortestInterval} to {LongestInterval}, or null for the interval of the tier.");

    public static bool IsName(string? name) => name is not null && ValidName().IsMatch(name);

    public static bool IsTier(string? tier) => Array.IndexOf(Tiers, tier) >= 0;

    public static bool IsInterval(int? seconds) => seconds is null or >= ShortestInterval and <= LongestInterval;

    public static ConfiguredSubredditFilter? Filter(ConfiguredSubredditListRequest request, CursorSeal seal, QueryFields fields)
    {
        var active = fields.Boolean("active", request.Active);
        var tiers = fields.Texts("tier", request.Tier?.ToLowerInvariant(), IsTier, "tier must be fast, medium or slow, or several separated by commas.");
        var prefix = fields.Text("name", request.Name, 50)?.ToLowerInvariant();
        var size = fields.WholeNumber("page_size", request.PageSize, 1, 500, 100);
        var scope = CursorScope.Of(active?.ToString(), CursorScope.Names(tiers), prefix);
        var cursor = fields.Cursor(request.Cursor, text => ConfiguredSubredditCursor.TryDecode(seal, scope, text));
        return fields.Errors.Count == 0 ? new(active, tiers, prefix, size, scope, cursor) : null;
    }

    /// <summary>Of a change: what is not given is right.</summary>
    public static SubredditEdit Edit(SubredditChange change, QueryFields fields)
    {
        if (change.Tier is { } tier && !IsTier(tier))
            fields.Refuse("tier", TierRule);
        if (!IsInterval(change.IntervalSeconds))
            fields.Refuse("interval_seconds", IntervalRule);
        return new(change.Tier, change.HasInterval, change.IntervalSeconds, change.Active);
    }

    // As the table's check.
    [GeneratedRegex(@"^[A-Za-z0-9_]{2,50}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ValidName();
}
