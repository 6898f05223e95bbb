using System.Globalization;
using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Web.Components.Ops;

/// <summary>Subreddits by how much they ask for a look, then by name; links filter them by status.</summary>
public sealed partial class SubredditTable
{
    [Parameter, EditorRequired]
    public required IReadOnlyList<SubredditStatusView> Subreddits { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    [Parameter, EditorRequired]
    public required string Status { get; set; }

    private OpsFilter Filter { get; set; } = OpsFilter.None;

    private List<SubredditStatusView> Shown { get; set; } = [];

    private List<(string Status, int Count)> Statuses { get; set; } = [];

    private int Troubled { get; set; }

    protected override void OnParametersSet()
    {
        Filter = new(Status);
        Shown =
        [
            .. Subreddits.Where(Filter.Matches)
                .OrderBy(subreddit => SubredditStatus.Of(subreddit).Group).ThenBy(subreddit => subreddit.Name, StringComparer.OrdinalIgnoreCase),
        ];
        Statuses = [.. Subreddits.CountBy(subreddit => subreddit.Status)
            .Select(status => (status.Key, status.Value)).OrderBy(status => status.Key, StringComparer.Ordinal)];
        Troubled = Subreddits.Count(new OpsFilter(OpsFilter.Trouble).Matches);
    }

    private string? Current(string status) => Filter.Status == status ? "true" : null;

    private static string Class(StatusGroup group) => group switch
    {
        StatusGroup.Trouble => "ops-trouble",
        StatusGroup.Good => "ops-good",
        _ => "ops-waiting",
    };

    private static string Interval(SubredditStatusView subreddit) =>
        subreddit.IntervalSeconds is { } seconds ? $", every {Ages.Relative(TimeSpan.FromSeconds(seconds))}" : "";

    private static string Rate(double? rate) => rate switch
    {
        null => "–",
        >= 100 => Figures.Exact((long)rate),
        _ => rate.Value.ToString("0.0", CultureInfo.InvariantCulture),
    };
}
