using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Reads what the analysis has noticed.</summary>
internal sealed class SignalQueries(SignalFlowDbContext database, TimeProvider time)
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>What was found in the hour that closed last, ten minutes after its end, lasts until the next one closes.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromHours(2) + TimeSpan.FromMinutes(15);

    /// <param name="kinds">Empty: all.</param>
    public async Task<SignalList> GetAsync(AnalyticsWindow window, string[] kinds, CancellationToken cancellationToken)
    {
        var events = database.SignalEvents.Where(row => row.OccurredAt >= window.Start && row.OccurredAt <= window.End);
        if (kinds.Length > 0)
            events = events.Where(row => kinds.Contains(row.Kind));
        if (window.Subreddits.Length > 0)
            events = events.Where(row => row.Subreddit != null && window.Subreddits.Contains(SignalFlowDbContext.Lower(row.Subreddit)));
        var rows = await events.OrderByDescending(row => row.OccurredAt).ThenByDescending(row => row.Id).Take(window.Limit)
            .TagWith("signals").ToListAsync(cancellationToken);
        var posts = await PostsAsync([.. rows.Select(row => row.PostId).OfType<string>()], cancellationToken);
        return new()
        {
            Start = window.Start,
            End = window.End,
            Results = rows.ConvertAll(row => new SignalView
            {
                Id = row.Id,
                Kind = row.Kind,
                Phase = row.Kind == AlertKinds.Surge ? row.Key[(row.Key.LastIndexOf(':') + 1)..] : null,
                Subject = row.Subject,
                Subreddit = row.Subreddit,
                PostId = row.PostId,
                Title = row.PostId is { } id && posts.TryGetValue(id, out var post) ? post.Title : null,
                Over18 = row.PostId is { } adult && posts.TryGetValue(adult, out var known) && known.Over18,
                OccurredAt = row.OccurredAt,
                Strength = row.Strength,
                Reason = Reason(row),
            }),
        };
    }

    public async Task<SentimentShiftList> ShiftsAsync(AnalyticsWindow window, CancellationToken cancellationToken)
    {
        var shifts = database.SentimentShifts.Where(row => row.Hour >= window.Start - Hour && row.Since <= window.End - Hour);
        if (window.Subreddits.Length > 0)
            shifts = shifts.Where(row => row.Kind == "subreddit" && window.Subreddits.Contains(SignalFlowDbContext.Lower(row.Key)));
        var rows = await shifts.OrderByDescending(row => row.Hour).ThenByDescending(row => row.Since).ThenBy(row => row.Key)
            .Take(window.Limit).TagWith("shifts").ToListAsync(cancellationToken);
        var movers = rows.ConvertAll(row => JsonSerializer.Deserialize(row.Movers, ContractsJsonContext.Default.IReadOnlyListSentimentMoverView)!);
        var posts = await PostsAsync([.. movers.SelectMany(list => list).Select(mover => mover.PostId)], cancellationToken);
        return new()
        {
            Start = window.Start,
            End = window.End,
            Results = [.. rows.Zip(movers, (row, moved) => new SentimentShiftView
            {
                Kind = row.Kind,
                Key = row.Key,
                Since = row.Since + Hour,
                Until = row.Hour + Hour,
                Lasts = Lasts(row.Hour),
                Posts = row.Posts,
                Mean = row.Mean,
                Usual = row.Usual,
                UsualPosts = row.UsualPosts,
                Statistic = row.Statistic,
                PValue = row.PValue,
                Movers = [.. moved.Select(mover => mover with { Title = posts.TryGetValue(mover.PostId, out var post) && !post.Over18 ? post.Title : null })],
            })],
        };
    }

    public async Task<ActivityAnomalyList> AnomaliesAsync(AnalyticsWindow window, CancellationToken cancellationToken)
    {
        var anomalies = database.ActivityAnomalies.Where(row => row.Hour >= window.Start - Hour && row.Since <= window.End - Hour);
        if (window.Subreddits.Length > 0)
            anomalies = anomalies.Where(row => window.Subreddits.Contains(SignalFlowDbContext.Lower(row.Subreddit)));
        var rows = await anomalies.OrderByDescending(row => row.Hour).ThenByDescending(row => row.Since).ThenBy(row => row.Subreddit).ThenBy(row => row.Measure)
            .Take(window.Limit).TagWith("anomalies").ToListAsync(cancellationToken);
        return new()
        {
            Start = window.Start,
            End = window.End,
            Results = rows.ConvertAll(row => new ActivityAnomalyView
            {
                Subreddit = row.Subreddit,
                Measure = row.Measure,
                Level = row.Level,
                Since = row.Since + Hour,
                Until = row.Hour + Hour,
                Lasts = Lasts(row.Hour),
                Hours = row.Hours,
                Count = row.Count,
                Usual = row.Usual,
                Deviations = row.Deviations,
                Samples = row.Samples,
                Baseline = ActivityAnomalyView.BaselineOf(row.Baseline),
            }),
        };
    }

    private bool Lasts(DateTime hour) => time.GetUtcNow().UtcDateTime - hour < Lasting;

    private async Task<Dictionary<string, (string Title, bool Over18)>> PostsAsync(string[] ids, CancellationToken cancellationToken)
    {
        if (ids.Length == 0)
            return [];
        var posts = await database.Posts.Where(post => ids.Contains(post.Id) && post.PurgedAt == null).TagWith("signals: posts")
            .Select(post => new { post.Id, post.Title, post.Over18 }).ToListAsync(cancellationToken);
        return posts.ToDictionary(post => post.Id, post => (post.Title, post.Over18));
    }

    private static string? Reason(SignalEventRow row)
    {
        using var detail = JsonDocument.Parse(row.Detail);
        // Of a purged post nothing is left of it.
        if (!detail.RootElement.EnumerateObject().Any())
            return null;
        return row.Kind switch
        {
            AlertKinds.Surge => detail.Deserialize(ContractsJsonContext.Default.SurgeView)?.Reason(row.Subreddit ?? ""),
            AlertKinds.TermBurst => TermQueries.Reason(detail.Deserialize(ContractsJsonContext.Default.TermBurstView)!),
            _ => detail.RootElement.TryGetProperty("reason", out var reason) ? reason.GetString() : null,
        };
    }
}
