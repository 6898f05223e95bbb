using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Ops;

/// <summary>What ingestion is doing, asked of the API again and again while somebody looks.</summary>
public sealed partial class IngestionBoard : IAsyncDisposable
{
    private const int NewestPurges = 20;
    private const int NewestDeadLetters = 10;

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closed = new();
    private CancellationToken _closing;
    private Report? _report;
    private OpsFilter _filter = OpsFilter.None;
    private bool _failed;
    private bool _paused;
    private bool _visible = true;
    private bool _refreshing;
    private DotNetObjectReference<IngestionBoard>? _self;
    private IJSObjectReference? _browser;

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    [Inject] internal IJSRuntime JS { get; set; } = null!;

    private string State => _failed ? "away" : _report is null ? "loading" : "ready";

    protected override void OnInitialized()
    {
        _filter = OpsFilter.FromUri(Navigation.Uri);
        // A disposed source gives no token any more, but a refresh may just be ending.
        _closing = _closed.Token;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;

        Navigation.LocationChanged += OnLocationChanged;
        _ = FollowAsync();
        _self = DotNetObjectReference.Create(this);
        _browser = await JS.InvokeAsync<IJSObjectReference>("import", "./" + Assets["ops.js"]);
        await _browser.InvokeVoidAsync("attach", _self);
    }

    /// <summary>Called by ops.js. A page that nobody sees asks nothing.</summary>
    [JSInvokable]
    public Task OnVisibilityChangedAsync(bool visible)
    {
        _visible = visible;
        return RefreshAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Navigation.LocationChanged -= OnLocationChanged;
        await _closed.CancelAsync();
        try
        {
            if (_browser is not null)
            {
                await _browser.InvokeVoidAsync("detach");
                await _browser.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and its listeners with it.
        }

        _self?.Dispose();
        _closed.Dispose();
    }

    private Task TogglePauseAsync()
    {
        _paused = !_paused;
        return RefreshAsync();
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(() =>
    {
        _filter = OpsFilter.FromUri(change.Location);
        StateHasChanged();
    });

    private async Task FollowAsync()
    {
        try
        {
            using var timer = new PeriodicTimer(RefreshInterval, Time);
            do
                await RefreshAsync();
            while (await timer.WaitForNextTickAsync(_closing));
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The page is closed.
        }
        catch (Exception exception)
        {
            await DispatchExceptionAsync(exception);
        }
    }

    private async Task RefreshAsync()
    {
        // An answer that takes longer than the interval is not asked for twice.
        if (_paused || !_visible || _refreshing)
            return;

        _refreshing = true;
        try
        {
            var ingestion = Api.GetIngestionAsync(_closing);
            var subreddits = Api.GetSubredditsAsync(_closing);
            var purges = Api.GetPurgesAsync(NewestPurges, _closing);
            var letterStats = Api.GetDeadLetterStatsAsync(_closing);
            var letters = Api.GetDeadLettersAsync(NewestDeadLetters, _closing);
            var storage = Api.GetStorageAsync(_closing);
            await Task.WhenAll(ingestion, subreddits, purges, letterStats, letters, storage);
            _report = new(await ingestion, await subreddits, await purges, await letterStats, await letters, await storage, Time.GetUtcNow());
            _failed = false;
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !_closing.IsCancellationRequested)
        {
            _failed = true;
        }
        finally
        {
            _refreshing = false;
        }

        StateHasChanged();
    }

    private sealed record Report(
        IngestionView Ingestion,
        SubredditStatusList Subreddits,
        PurgePage Purges,
        DeadLetterStats DeadLetterStats,
        DeadLetterPage DeadLetters,
        StorageView Storage,
        DateTimeOffset At);
}
