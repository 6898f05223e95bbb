using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;

namespace SignalFlow.Web.Components.Admin;

/// <summary>What ingestion polls. Reads again while it is looked at, often while a change has not been taken up yet.</summary>
public sealed partial class SubredditGrid
{
    private const int FirstRows = 200;
    private const int RestfulTicks = 6;

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    private static readonly (string Column, string Label)[] Headers =
        [("name", "Subreddit"), ("status", "Status"), ("tier", "Tier"), ("interval", "Interval"), ("polled", "Last poll"), ("posts", "Posts/h")];

    private readonly HashSet<string> _selected = new(StringComparer.Ordinal);

    // Added or changed here and not yet taken up.
    private readonly HashSet<string> _awaited = new(StringComparer.Ordinal);
    private IReadOnlyList<ConfiguredSubreddit>? _rows;
    private IReadOnlyList<ConfiguredSubreddit> _deleted = [];
    private GridView _view = GridView.Default;
    private RowEdit? _edit;
    private DateTimeOffset _at;
    private int _limit = FirstRows;

    /// <summary>Operators look, administrators change.</summary>
    [Parameter, EditorRequired]
    public required bool MayChange { get; set; }

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    private List<ConfiguredSubreddit> Shown => [.. _view.Of(_rows ?? [])];

    private bool AllSelected => Shown is { Count: > 0 } shown && shown.TrueForAll(row => _selected.Contains(row.Name));

    private string Count => _rows!.Count == Shown.Count
        ? $"{Figures.Exact(_rows.Count)} subreddits"
        : $"{Figures.Exact(Shown.Count)} of {Figures.Exact(_rows.Count)} subreddits";

    protected override void OnInitialized() => _view = GridView.FromUri(Navigation.Uri);

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        Navigation.LocationChanged += OnLocationChanged;
        _ = FollowAsync();
        await base.OnAfterRenderAsync(firstRender);
    }

    protected override async Task ReadAsync()
    {
        _rows = await Api.GetConfiguredSubredditsAsync(Closing);
        _at = Time.GetUtcNow();
        _selected.IntersectWith(_rows.Select(row => row.Name));
        var taken = _rows.Where(row => _awaited.Contains(row.Name) && !RowStatus.Waits(row)).ToList();
        _awaited.ExceptWith(taken.Select(row => row.Name));
        if (taken.Count > 0)
            Done = string.Join(' ', taken.Select(row => $"r/{row.Name} is taken up: {RowStatus.Of(row).Words.ToLowerInvariant()}."));
    }

    protected override void Dispose(bool disposing)
    {
        Navigation.LocationChanged -= OnLocationChanged;
        base.Dispose(disposing);
    }

    private async Task FollowAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(RefreshInterval, Time);
            for (var tick = 1; await timer.WaitForNextTickAsync(Closing); tick++)
            {
                // A change under way reads afterwards.
                if (!IsBusy && (tick % RestfulTicks == 0 || _rows?.Any(RowStatus.Waits) == true))
                    await InvokeAsync(RefreshAsync);
            }
        }
        catch (OperationCanceledException) when (Closing.IsCancellationRequested)
        {
            // The page is closed.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(() =>
    {
        _view = GridView.FromUri(change.Location);
        StateHasChanged();
    });

    private void FilterNow(ChangeEventArgs change) => _view = _view with { Text = (change.Value as string ?? "").Trim() };

    // Into the address when it is finished: each letter would be a place to go back to.
    private void KeepFilter() => Navigation.NavigateTo(_view.ToUri(), replace: true);

    private string Arrow(string column) => _view.Order(column) switch
    {
        "ascending" => "M2.5 7.500 6 4l3.500 3.500",
        "descending" => "M2.5 4.500 6 8l3.500-3.500",
        _ => "",
    };

    private void Select(ConfiguredSubreddit row, bool selected)
    {
        if (selected)
            _selected.Add(row.Name);
        else
            _selected.Remove(row.Name);
    }

    private void SelectAll(ChangeEventArgs change)
    {
        foreach (var row in Shown)
            Select(row, change.Value is true);
    }

    private async Task<RequestProblem?> AddAsync(SubredditChange subreddit)
    {
        if (IsBusy)
            return null;
        Dismiss();
        if (!await ChangeAsync(
                async () => _awaited.Add((await Api.AddSubredditAsync(subreddit, Closing)).Name),
                () => $"r/{subreddit.Name} is added. Ingestion takes it up within a minute."))
        {
            // What is wrong with a field is said beside it.
            var problem = ChangeProblem;
            if (problem?.Errors.Count > 0)
                ChangeProblem = null;
            // The form that asked is drawn by itself, but not what is around it.
            StateHasChanged();
            return problem;
        }

        await RefreshAsync();
        return null;
    }

    private async Task SaveAsync()
    {
        if (_edit is not { } edit || edit.Change() is not { } change)
            return;
        Dismiss();
        if (await ChangeAsync(() => Api.ChangeSubredditAsync(edit.Name, edit.Version, change, Closing), () => $"r/{edit.Name} is changed."))
            _edit = null;
        else if (ChangeProblem?.Errors.Count > 0)
            (edit.Problem, ChangeProblem) = (ChangeProblem, null);
        else
            return;
        if (_edit is null)
            await RefreshAsync();
    }

    private async Task ActivateAsync(ConfiguredSubreddit row)
    {
        Dismiss();
        if (await ChangeAsync(
                () => Api.ActivateSubredditAsync(row.Name, !row.Active, Closing),
                () => $"r/{row.Name} is {(row.Active ? "paused" : "resumed")}."))
            await RefreshAsync();
    }

    private async Task ActivateManyAsync(bool active)
    {
        var rows = Selected().Where(row => row.Active != active).ToList();
        Dismiss();
        await ManyAsync(rows, row => Api.ActivateSubredditAsync(row.Name, active, Closing), active ? "resumed" : "paused");
    }

    private Task DeleteManyAsync() => DeleteAsync(Selected());

    private async Task DeleteAsync(IReadOnlyList<ConfiguredSubreddit> rows)
    {
        Dismiss();
        _deleted = await ManyAsync(rows, row => Api.DeleteSubredditAsync(row.Name, row.Version, Closing), "deleted; posts stay");
        _selected.ExceptWith(_deleted.Select(row => row.Name));
    }

    private async Task UndoAsync()
    {
        var rows = _deleted;
        var added = await ManyAsync(
            rows,
            row => Api.AddSubredditAsync(new() { Name = row.Name, Tier = row.Tier, IntervalSeconds = row.IntervalSeconds, Active = row.Active }, Closing),
            "added again");
        _deleted = [.. rows.Except(added)];
    }

    private List<ConfiguredSubreddit> Selected() => [.. _rows!.Where(row => _selected.Contains(row.Name))];

    /// <summary>One after the other; what fails does not keep the others back.</summary>
    /// <returns>Those it was done to.</returns>
    private async Task<IReadOnlyList<ConfiguredSubreddit>> ManyAsync(
        IReadOnlyList<ConfiguredSubreddit> rows, Func<ConfiguredSubreddit, Task> change, string done)
    {
        var finished = new List<ConfiguredSubreddit>();
        var problems = new List<RequestProblem>();
        await ChangeAsync(
            async () =>
            {
                foreach (var row in rows)
                {
                    if (await TryAsync(() => change(row)) is not { } problem)
                    {
                        finished.Add(row);
                        continue;
                    }

                    problems.Add(problem with { Words = $"r/{row.Name}: {problem.Words}" });
                    // The others would only wait for the same.
                    if (problem.Kind != RequestProblemKind.Refused)
                        break;
                }
            },
            () => finished switch
            {
                [] => problems.Count == 0 ? "Nothing was to be done." : "",
                [var only] => $"r/{only.Name} is {done}.",
                _ => $"{Figures.Exact(finished.Count)} subreddits are {done}.",
            });
        await RefreshAsync();
        if (problems.Count > 0)
            ChangeProblem = problems[0] with { Words = string.Join(' ', problems.Select(problem => problem.Words)) };
        return finished;
    }

    private void Dismiss() => (_deleted, Done, ChangeProblem) = ([], "", null);
}
