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
        var rows = await database.TermBursts.Where(row => row.Bucket >= window.Start && row.Bucket <= window.End).TagWith("terms").ToListAsync(cancellationToken);
        var since = await database.TermHours.OrderBy(row => row.Hour).Select(row => (DateTime?)row.Hour).TagWith("terms: since").FirstOrDefaultAsync(cancellationToken);
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
        return new(
            new(row.Term, row.Bucket, row.Authors, row.Posts, row.Subreddits, row.Expected, baseline),
            score,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Authors} authors in 15 min instead of {row.Expected:0.##}, in {row.Subreddits} subreddit{(row.Subreddits == 1 ? "" : "s")} ({baseline})"));
    }
}
