using Microsoft.AspNetCore.Components;
using SignalFlow.Web.Access;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Admin;

/// <summary>An island that shows what the API has and changes it: one change at a time, and every end of one is told.</summary>
public abstract class ApiIsland : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _closed = new();

    protected ApiIsland() => Closing = _closed.Token;

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal CurrentUser Viewer { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    // A disposed source gives no token any more, but an answer may just be coming.
    protected CancellationToken Closing { get; }

    /// <summary>A change is under way.</summary>
    protected bool IsBusy { get; private set; }

    /// <summary>What the last change has done; read out politely.</summary>
    protected string Done { get; set; } = "";

    /// <summary>Why there is nothing, or nothing new, to see.</summary>
    protected RequestProblem? ReadProblem { get; set; }

    /// <summary>Why the last change was not made.</summary>
    protected RequestProblem? ChangeProblem { get; set; }

    /// <summary>Reads what the island shows.</summary>
    protected abstract Task ReadAsync();

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        await RefreshAsync();
    }

    protected async Task RefreshAsync()
    {
        ReadProblem = await TryAsync(ReadAsync);
        if (!Closing.IsCancellationRequested)
            StateHasChanged();
    }

    /// <summary>Makes a change, unless another is under way: a second click does nothing.</summary>
    /// <param name="change">Asks the API.</param>
    /// <param name="done">Says what it has done.</param>
    /// <returns>Whether it was made.</returns>
    protected async Task<bool> ChangeAsync(Func<Task> change, Func<string> done)
    {
        if (IsBusy)
            return false;
        (IsBusy, Done, ChangeProblem) = (true, "", null);
        StateHasChanged();
        try
        {
            ChangeProblem = await TryAsync(change);
            if (ChangeProblem is not null)
                return false;
            Done = done();
            return true;
        }
        finally
        {
            IsBusy = false;
        }
    }

    protected async Task<RequestProblem?> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !Closing.IsCancellationRequested)
        {
            return await RequestProblem.OfAsync(exception, Viewer, Closing);
        }
        catch (OperationCanceledException) when (Closing.IsCancellationRequested)
        {
            // Nobody looks any more.
            return null;
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        _closed.Cancel();
        _closed.Dispose();
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }
}
