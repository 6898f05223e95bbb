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
        var fields = new QueryFields();
        // Which reasons there are is ingestion's matter, what one looks like is not.
        var statuses = fields.Texts(
            "status", request.Status?.ToLowerInvariant(), status => status.Length <= MaxStatusLength && !status.AsSpan().ContainsAnyExcept(StatusCharacters),
            "status must be ok, new, pending or a reason such as private, or several separated by commas.");
        var tiers = fields.Texts(
            "tier", request.Tier?.ToLowerInvariant(), tier => tier is "fast" or "medium" or "slow",
            "tier must be fast, medium or slow, or several separated by commas.");
        errors = fields.Errors;
        filter = errors.Count == 0 ? new(statuses, tiers) : null;
        return filter is not null;
    }
}
