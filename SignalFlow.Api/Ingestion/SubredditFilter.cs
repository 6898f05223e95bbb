using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Mvc;

namespace SignalFlow.Api.Ingestion;

/// <summary>The query of <c>GET /api/ingestion/subreddits/</c> as sent.</summary>
internal sealed record SubredditListRequest([FromQuery(Name = "status")] string? Status, [FromQuery(Name = "tier")] string? Tier);

/// <summary>A checked <see cref="SubredditListRequest"/>; empty lists let everything through.</summary>
internal sealed record SubredditFilter(string[] Statuses, string[] Tiers)
{
    private const int MaxStatusLength = 32;

    private static readonly SearchValues<char> StatusCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_");

    public static bool TryParse(
        SubredditListRequest request, [NotNullWhen(true)] out SubredditFilter? filter, out Dictionary<string, string[]> errors)
    {
        errors = [];
        var statuses = Values(request.Status);
        // Which reasons there are is ingestion's matter, what one looks like is not.
        if (Array.Exists(statuses, status => status.Length > MaxStatusLength || status.AsSpan().ContainsAnyExcept(StatusCharacters)))
            errors["status"] = ["status must be ok, new, pending or a reason such as private, or several separated by commas."];
        var tiers = Values(request.Tier);
        if (!Array.TrueForAll(tiers, tier => tier is "fast" or "medium" or "slow"))
            errors["tier"] = ["tier must be fast, medium or slow, or several separated by commas."];
        filter = errors.Count == 0 ? new(statuses, tiers) : null;
        return filter is not null;
    }

    private static string[] Values(string? value) =>
        value?.ToLowerInvariant().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
