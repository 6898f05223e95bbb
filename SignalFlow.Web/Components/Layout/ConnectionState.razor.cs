using Microsoft.AspNetCore.Components;
using SignalFlow.Web.Components.Feed;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Layout;

/// <summary>Says whether the live stream is up and how old the newest observation is.</summary>
public sealed partial class ConnectionState : IDisposable
{
    private View _view = View.Empty;
    private IDisposable? _subscription;

    [Inject] internal PostFeed Feed { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    protected override void OnInitialized()
    {
        _view = View.Of(Feed, Time.GetUtcNow());
        if (RendererInfo.IsInteractive)
            _subscription = Feed.OnChanged(() => InvokeAsync(Refresh));
    }

    public void Dispose() => _subscription?.Dispose();

    private void Refresh()
    {
        var view = View.Of(Feed, Time.GetUtcNow());
        if (view == _view)
            return;
        _view = view;
        StateHasChanged();
    }

    private sealed record View(string State, string Label, string? RetryIn, string Freshness, string? Age, string? FreshnessTitle)
    {
        public static readonly View Empty = new("connecting", "Connecting", null, "none", null, null);

        public static View Of(PostFeed feed, DateTimeOffset now)
        {
            var connection = feed.Connection;
            var (state, label) = connection.State switch
            {
                LiveState.Live => ("live", "Live"),
                LiveState.Reconnecting => ("reconnecting", "Reconnecting"),
                LiveState.Offline => ("offline", "Offline"),
                _ => ("connecting", "Connecting"),
            };
            var retryIn = connection.RetryAt > now ? Ages.Relative(connection.RetryAt.Value - now) : null;
            if (feed.LastPolledAt is not { } last)
                return new(state, label, retryIn, "none", null, null);

            var age = now - last;
            return new(state, label, retryIn, Ages.Freshness(age), Ages.Relative(age), Ages.Absolute(last));
        }
    }
}
