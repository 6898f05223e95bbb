using Microsoft.AspNetCore.Components;
using SignalFlow.Web.Components.Ops;

namespace SignalFlow.Web.Components.Admin;

/// <summary>The way to the first post, step by step. Looks again by itself while something is missing.</summary>
public sealed partial class SetupGuide
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    private static readonly string[] StarterSet =
    [
        "technology", "worldnews", "science", "programming", "gaming", "movies", "music", "sports", "space", "askscience", "dataisbeautiful", "todayilearned",
    ];

    private IReadOnlyList<SetupStep> _steps = [];

    [Parameter, EditorRequired]
    public required bool IsAdmin { get; set; }

    /// <summary>Whoever looks may not read, and has no circuit: only whether there is an administrator is shown.</summary>
    [Parameter]
    public bool OnlyAccess { get; set; }

    private string Summary => Done.Length > 0 ? Done
        : _steps.Count == 0 || OnlyAccess ? ""
        : _steps.Count(step => step.IsDone) is var done && done == _steps.Count ? "All is set up."
        : $"{done} of {_steps.Count} steps are done. This page looks again by itself.";

    protected override async Task OnInitializedAsync()
    {
        if (OnlyAccess)
            await RefreshAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        _ = FollowAsync();
        await base.OnAfterRenderAsync(firstRender);
    }

    protected override async Task ReadAsync()
    {
        var access = Api.GetAccessAsync(Closing);
        if (OnlyAccess)
        {
            _steps = [SetupStep.OfAdministrator(await access)];
            return;
        }

        var ingestion = Api.GetIngestionAsync(Closing);
        var subreddits = Api.GetSubredditsAsync(Closing);
        var newest = Api.GetNewestAsync(1, Closing);
        await Task.WhenAll(access, ingestion, subreddits, newest);
        _steps = SetupStep.Of(new(
            await access, (await ingestion).Shards, (await subreddits).Results, await newest is { Results: [var post, ..] } ? post : null, Time.GetUtcNow()));
    }

    private async Task FollowAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(RefreshInterval, Time);
            while (await timer.WaitForNextTickAsync(Closing))
            {
                // An answer that takes longer is not asked for twice: the loop waits for it.
                if (!IsBusy && (ReadProblem is not null || _steps.Count == 0 || !_steps.All(step => step.IsDone)))
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

    private async Task AddStarterSetAsync()
    {
        var added = 0;
        await ChangeAsync(
            async () =>
            {
                // Those that are there and paused stay so.
                var known = (await Api.GetConfiguredSubredditsAsync(Closing)).Select(row => row.Name);
                foreach (var name in StarterSet.Except(known, StringComparer.OrdinalIgnoreCase))
                {
                    await Api.AddSubredditAsync(new() { Name = name, Tier = "medium", Active = true }, Closing);
                    added++;
                }
            },
            () => $"{added} subreddits are added. Ingestion takes them up within a minute.");
        await RefreshAsync();
    }

    private static string Label(SetupState state) => state switch
    {
        SetupState.Done => "Done.",
        SetupState.Waiting => "Waiting.",
        SetupState.ToDo => "To do.",
        _ => "Problem.",
    };

    private static StatusGroup Group(SetupState state) => state switch
    {
        SetupState.Done => StatusGroup.Good,
        SetupState.Waiting => StatusGroup.Waiting,
        SetupState.ToDo => StatusGroup.Inactive,
        _ => StatusGroup.Trouble,
    };

    private static string Class(SetupState state) => state switch
    {
        SetupState.Done => "ops-good",
        SetupState.Problem => "ops-trouble",
        _ => "ops-waiting",
    };
}
