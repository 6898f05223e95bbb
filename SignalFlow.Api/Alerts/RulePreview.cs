using System.Globalization;
using Npgsql;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Rules;

namespace SignalFlow.Api.Alerts;

/// <summary>What a rule would have fired on, as its author sees it.</summary>
internal static class RulePreview
{
    private const int MostShown = 50;

    /// <returns>Null: it takes too long.</returns>
    public static async Task<AlertPreviewView?> MakeAsync(
        NpgsqlDataSource database, AlertStore alerts, RuleCondition condition, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await AlertPreview.RunAsync(database, condition, now, cancellationToken) is not { } tried)
            return null;
        var newest = tried.Matches.Reverse().Take(MostShown).ToList();
        var posts = await alerts.PostsAsync([.. newest.Select(match => match.PostId).OfType<string>().Distinct()], cancellationToken);
        var days = (tried.To - tried.From).TotalDays;
        return new()
        {
            From = tried.From,
            To = tried.To,
            Summary = Summary(tried),
            Count = tried.Matches.Count,
            Truncated = tried.IsTruncated,
            PerDay = tried.PerSensitivity.ToDictionary(pair => pair.Key, pair => Math.Round(pair.Value / days, 2)),
            Results = newest.ConvertAll(match => new AlertPreviewMatch
            {
                OccurredAt = match.OccurredAt,
                Subject = match.EventId is null ? null : match.Subject,
                Subreddit = match.Subreddit,
                Strength = match.Strength,
                Observed = match.Observed,
                Expected = match.Expected,
                Post = match.PostId is { } id ? posts.GetValueOrDefault(id) : null,
            }),
        };
    }

    private static string Summary(AlertBacktest tried) => (tried.Matches.Count, tried.IsTruncated) switch
    {
        (0, _) => $"It would not have fired in the last {AlertPreview.Days} days.",
        (1, false) => $"It would have fired once in the last {AlertPreview.Days} days.",
        (var count, var more) => string.Create(
            CultureInfo.InvariantCulture, $"It would have fired {(more ? "at least " : "")}{count} times in the last {AlertPreview.Days} days."),
    };
}
