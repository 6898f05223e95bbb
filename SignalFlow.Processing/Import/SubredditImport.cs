using System.Globalization;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Processing.Import;

/// <summary>Brings the original's configured subreddits over.</summary>
internal sealed class SubredditImport(SubredditMerge merge)
{
    public async Task RunAsync(OriginalDatabase source, ImportReport report, CancellationToken cancellationToken)
    {
        var rows = await source.SubredditsAsync(cancellationToken);
        report.Subreddits.Source = rows.Count;
        var wanted = new List<SubredditRow>();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var row in rows.Select(row => row.AddedBy.Length > 0 ? row : row with { AddedBy = "import" }))
        {
            if (!SubredditMerge.IsValid(row))
                report.Subreddits.LeaveOut("its name, priority or interval is none", row.Name);
            else if (names.Add(row.Name))
                wanted.Add(row);
            else
                report.Subreddits.Repeats++;
        }

        var outcomes = await merge.MergeAsync(wanted, cancellationToken);
        foreach (var (row, outcome) in wanted.Zip(outcomes))
        {
            if (outcome is SubredditMergeOutcome.Added or SubredditMergeOutcome.Taken)
                report.Subreddits.Written++;
            else
                report.Subreddits.Unchanged++;
            if (outcome == SubredditMergeOutcome.Kept)
                report.Differences.Add($"r/{row.Name} stays as an operator has set it here; in the original it is {Text(row)}.");
            else if (outcome == SubredditMergeOutcome.Removed)
                report.Differences.Add($"r/{row.Name} was removed here and stays so; in the original it is {Text(row)}.");
        }
    }

    private static string Text(SubredditRow row) =>
        string.Create(CultureInfo.InvariantCulture, $"{(row.IsActive ? "active" : "inactive")}, {row.Priority}")
        + (row.IntervalSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", every {seconds} s") : "");
}
