using System.Globalization;
using Microsoft.EntityFrameworkCore;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Analytics;

/// <summary>Reads bursts of terms.</summary>
internal sealed class TermQueries(SignalFlowDbContext database)
{
    /// <summary>As Mastodon forgets its tags.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromHours(4);

    private static readonly string[] Baselines = ["no history", "the hours before", "same hour of the day", "same hour of the week"];

    public async Task<TermBurstList> GetAsync(AnalyticsWindow window, CancellationToken cancellationToken)
    {
        var rows = await database.TermBursts.Where(row => row.Bucket >= window.Start && row.Bucket <= window.End)
            .TagWith("terms").ToListAsync(cancellationToken);
        var since = await database.TermHours.OrderBy(row => row.Hour).Select(row => (DateTime?)row.Hour)
            .TagWith("terms: since").FirstOrDefaultAsync(cancellationToken);
        return new()
        {
            Start = window.Start,
            End = window.End,
            LearningSince = since,
            Results = [.. rows
                .Select(row => Ranked(row, window.End))
                .GroupBy(burst => burst.Burst.Term)
                .Select(term => term.MaxBy(burst => burst.Score)!)
                .OrderByDescending(burst => burst.Score).ThenBy(burst => burst.Burst.Term, StringComparer.Ordinal)
                .Take(window.Limit)],
        };
    }

    private static RankedTermBurst Ranked(TermBurstRow row, DateTime end)
    {
        var baseline = Baselines[row.Baseline];
        var score = (row.Authors - row.Expected) * (row.Authors - row.Expected) / row.Expected * Math.Pow(0.5, (end - row.Bucket) / HalfLife);
        var burst = new TermBurstView(row.Term, row.Bucket, row.Authors, row.Posts, row.Subreddits, row.Expected, baseline);
        return new(burst, score, Reason(burst));
    }

    /// <summary>"12 authors in 15 min instead of 1.4, in 3 subreddits (same hour of the week)".</summary>
    public static string Reason(TermBurstView burst) => string.Create(
        CultureInfo.InvariantCulture,
        $"{burst.Authors} authors in 15 min instead of {burst.Expected:0.##}, in {burst.Subreddits} subreddit{(burst.Subreddits == 1 ? "" : "s")} ({burst.Baseline})");
}
