using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;
using SignalFlow.Web.Components.Ops;

namespace SignalFlow.Web.Components.Admin;

/// <summary>One subreddit of the grid; where it is edited, with fields in place of the values.</summary>
public sealed partial class SubredditRow
{
    private ElementReference _first;
    private bool _wasEdited;

    [Parameter, EditorRequired]
    public required ConfiguredSubreddit Row { get; set; }

    [Parameter, EditorRequired]
    public required DateTimeOffset Now { get; set; }

    [Parameter, EditorRequired]
    public required bool MayChange { get; set; }

    [Parameter, EditorRequired]
    public required bool Busy { get; set; }

    /// <summary>Null: it is not edited.</summary>
    [Parameter, EditorRequired]
    public required RowEdit? Edit { get; set; }

    [Parameter, EditorRequired]
    public required bool Selected { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback<bool> OnSelected { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback OnEdit { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback OnSave { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback OnCancel { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback OnToggle { get; set; }

    [Parameter, EditorRequired]
    public required EventCallback OnDelete { get; set; }

    private SubredditStatus Status => RowStatus.Of(Row);

    private string ActiveVerb => Row.Active ? "Pause" : "Resume";

    private string Rate => Row.Polling.PostsPerHour switch
    {
        null => "–",
        >= 100 and var rate => Figures.Exact((long)rate),
        var rate => rate.Value.ToString("0.0", CultureInfo.InvariantCulture),
    };

    private string Class => Status.Group switch
    {
        StatusGroup.Trouble => "ops-trouble",
        StatusGroup.Good => "ops-good",
        _ => "ops-waiting",
    };

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        var isEdited = Edit is not null;
        if (isEdited && !_wasEdited)
            await _first.FocusAsync();
        _wasEdited = isEdited;
    }

    private Task SelectAsync(ChangeEventArgs change) => OnSelected.InvokeAsync(change.Value is true);

    private Task KeyAsync(KeyboardEventArgs key) => key.Key switch
    {
        "Enter" => OnSave.InvokeAsync(),
        "Escape" => OnCancel.InvokeAsync(),
        _ => Task.CompletedTask,
    };
}
