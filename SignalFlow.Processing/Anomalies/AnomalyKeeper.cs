using SignalFlow.Processing.Discovery;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Processing.Anomalies;

/// <summary>
/// Counts each hour when it is over, and looks which of the subreddits that are read were unusually busy or unusually quiet. For one process at a time;
/// what it needs of the hours before is stored.
/// </summary>
internal sealed class AnomalyKeeper(ActivityStore store, HourProgress progress)
{
    private static readonly TimeSpan Reach = TimeSpan.FromHours(ActivityHistory.MaxHours);

    /// <summary>Judged in an hour, below which "all of them" says nothing.</summary>
    private const int FewSubreddits = 4;

    /// <param name="until">What was published before is stored.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>False: no hour was over by then.</returns>
    public async Task<bool> CloseNextAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        if (await progress.NextAsync(ActivityStore.Progress, Reach, until, cancellationToken) is not { } hour)
            return false;
        await store.CountAsync(hour, cancellationToken);
        var before = await store.BeforeAsync(hour, cancellationToken);
        var (judged, found) = (0, new List<LastingAnomaly>());
        await foreach (var series in store.SeriesAsync(hour, cancellationToken))
        {
            var known = before.GetValueOrDefault((series.Subreddit, series.Measure));
            var anomaly = ActivityAnomalies.Judge(series.Subreddit, series.Count, new(series.Start, hour, series.Counts), known?.Anomaly);
            judged += anomaly.Level != ActivityLevel.Unknown && series.Measure == ActivityStore.Posts ? 1 : 0;
            if (anomaly.Level is ActivityLevel.Loud or ActivityLevel.Quiet)
                found.Add(new(series.Measure, known?.Anomaly.Level == anomaly.Level ? known.Since : hour, anomaly));
        }

        await store.StoreAsync(hour, found, Events(hour, judged, found), cancellationToken);
        return true;
    }

    /// <summary>One for each that begins; where most subreddits fall silent together, it is the reading that has stopped, and that is one.</summary>
    private static List<SignalEvent> Events(DateTimeOffset hour, int judged, List<LastingAnomaly> found)
    {
        var begun = found.FindAll(anomaly => anomaly.Since == hour);
        var silent = begun.FindAll(anomaly => anomaly.Anomaly.Level == ActivityLevel.Quiet && anomaly.Measure == ActivityStore.Posts);
        if (judged < FewSubreddits || silent.Count * 2 <= judged)
            return begun.ConvertAll(ActivityStore.Event);
        return
        [
            ActivityStore.Silence(hour, silent.Count, judged),
            .. begun.FindAll(anomaly => anomaly.Anomaly.Level == ActivityLevel.Loud).ConvertAll(ActivityStore.Event),
        ];
    }
}

/// <summary>The hours of one subreddit.</summary>
/// <param name="Measure"><see cref="ActivityStore.Posts"/> or <see cref="ActivityStore.Comments"/>.</param>
/// <param name="Start">The first hour that had something.</param>
/// <param name="Count">Of the hour that is judged.</param>
/// <param name="Counts">Of the hours before.</param>
internal sealed record ActivitySeries(string Subreddit, string Measure, DateTimeOffset Start, int Count, List<(DateTimeOffset Hour, int Count)> Counts);

/// <param name="Since">The first hour in which it was found.</param>
internal sealed record LastingAnomaly(string Measure, DateTimeOffset Since, ActivityAnomaly Anomaly);
