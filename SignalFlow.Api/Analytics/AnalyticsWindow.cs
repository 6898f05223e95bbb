using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace SignalFlow.Api.Analytics;

/// <summary>The query of lists over a window, such as <c>GET /api/keywords/</c>, as sent.</summary>
internal sealed record WindowRequest(
    [FromQuery(Name = "hours")] string? Hours,
    [FromQuery(Name = "start")] string? Start,
    [FromQuery(Name = "end")] string? End,
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "subreddit")] string? Subreddit);

/// <summary>Checked parameters: from <paramref name="Start"/> to <paramref name="End"/>.</summary>
/// <param name="Key">Of the time as asked for: one that ends now has the same key a moment later.</param>
/// <param name="Start">First moment.</param>
/// <param name="End">Not after now.</param>
/// <param name="Limit">Of the list.</param>
/// <param name="Subreddits">In lower case; empty for all.</param>
internal sealed record AnalyticsWindow(string Key, DateTime Start, DateTime End, int Limit, string[] Subreddits)
{
    private const int MaxHours = 24 * 7;
    private const int MaxLimit = 200;
    private const int DefaultLimit = 50;

    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    public static bool TryParse(
        WindowRequest request, DateTime now, [NotNullWhen(true)] out AnalyticsWindow? window, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        var hours = fields.WholeNumber("hours", request.Hours, 1, MaxHours, 24);
        var start = fields.Instant("start", request.Start, endOfDay: false);
        var end = fields.Instant("end", request.End, endOfDay: true);
        var limit = fields.WholeNumber("limit", request.Limit, 1, MaxLimit, DefaultLimit);
        var subreddits = AnalyticsEndpoints.Names(fields, request.Subreddit);
        if (end is not null && start is null)
            fields.Refuse("start", "start must be there when end is.");
        if (start is not null && !string.IsNullOrEmpty(request.Hours))
            fields.Refuse("hours", "hours and start cannot both be there.");
        // Nothing is created in the future.
        var until = end is { } given && given < now ? given : now;
        if (fields.Errors.Count == 0 && start >= until)
            fields.Refuse("start", "start must lie before end, and not in the future.");
        if (fields.Errors.Count == 0 && until - start > Longest)
            fields.Refuse("start", $"The range may span at most {Longest.TotalDays} days.");
        errors = fields.Errors;
        window = null;
        if (errors.Count > 0)
            return false;
        var asked = start is null ? $"{hours}" : $"{start.Value.Ticks}-{end?.Ticks}";
        var key = string.Create(CultureInfo.InvariantCulture, $"{asked}:{limit}:{string.Join(',', subreddits)}");
        window = new(key, start ?? now.AddHours(-hours), until, limit, subreddits);
        return true;
    }
}
