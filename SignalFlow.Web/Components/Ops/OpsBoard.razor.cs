using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.JSInterop;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Ops;

/// <summary>What the parts of SignalFlow are doing, asked of the API again and again while somebody looks.</summary>
public sealed partial class OpsBoard : IAsyncDisposable
{
    private const int NewestPurges = 20;

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closed = new();
    private CancellationToken _closing;
    private Latest<PipelineView> _pipeline = null!;
    private Latest<IngestionView> _ingestion = null!;
    private Latest<SubredditStatusList> _subreddits = null!;
    private Latest<StorageView> _storage = null!;
    private Latest<PurgePage> _purges = null!;
    private OpsView _view = OpsView.Overview;
    private OpsFilter _filter = OpsFilter.None;
    private DateTimeOffset? _at;
    private int _beat;
    private bool _paused;
    private bool _visible = true;
    private bool _refreshing;
    private DotNetObjectReference<OpsBoard>? _self;
    private IJSObjectReference? _browser;

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal PostFeed Feed { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    [Inject] internal NavigationManager Navigation { get; set; } = null!;

    [Inject] internal IJSRuntime JS { get; set; } = null!;

    private DateTimeOffset Now => _at ?? Time.GetUtcNow();

    /// <summary>What the view shows. The inbox asks for itself: nobody else may.</summary>
    private IReadOnlyList<ILatest> Asked =>
        _view == OpsView.Overview ? [_pipeline, _ingestion, _subreddits, _storage]
        : _view == OpsView.Storage ? [_storage, _purges]
        : [];

    private List<string> Failed => [.. Asked.Where(latest => latest.Failure is not null).Select(latest => latest.Name)];

    private string State => Failed.Count > 0 ? "away" : Asked.All(latest => latest.IsKnown) ? "ready" : "loading";

    private IReadOnlyList<PipelinePart> Parts => PipelineParts.Of(new()
    {
        Pipeline = _pipeline.Value,
        Ingestion = _ingestion.Value,
        Storage = _storage.Value,
        StorageFailure = _storage.Failure,
        ApiFailure = _pipeline.Failure,
        ApiTook = _pipeline.Took,
        Live = Feed.Connection,
        LastUpdateAt = Feed.LastPolledAt,
        Now = Now,
    });

    protected override void OnInitialized()
    {
        _pipeline = new("the pipeline", Api.GetPipelineAsync, Time);
        _ingestion = new("ingestion", Api.GetIngestionAsync, Time);
        _subreddits = new("subreddits", Api.GetSubredditsAsync, Time);
        _storage = new("storage", Api.GetStorageAsync, Time);
        _purges = new("deleted posts", token => Api.GetPurgesAsync(NewestPurges, token), Time);
        Read(Navigation.Uri);
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
        // Whoever clicks at once has left the page meanwhile.
        if (_closing.IsCancellationRequested)
            return;
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

    private void Read(string uri) => (_view, _filter) = (OpsView.FromUri(uri), OpsFilter.FromUri(uri));

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change) => _ = InvokeAsync(async () =>
    {
        var before = _view;
        Read(change.Location);
        StateHasChanged();
        // A view that is new is shown even while the page is paused, but not followed.
        if (before != _view)
            await RefreshAsync(evenPaused: true);
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

    private async Task RefreshAsync(bool evenPaused = false)
    {
        // An answer that takes longer than the interval is not asked for twice.
        if (_paused && !evenPaused || !_visible || _refreshing)
            return;

        _refreshing = true;
        try
        {
            OpsView asked;
            do
            {
                asked = _view;
                _beat++;
                await Task.WhenAll(Asked.Select(latest => latest.RefreshAsync(_closing)));
                if (Failed.Count == 0)
                    _at = Time.GetUtcNow();
            }
            while (asked != _view);
        }
        finally
        {
            _refreshing = false;
        }

        StateHasChanged();
    }
}
