using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Charts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Feed;

/// <summary>One post. Renders again only when the post or its age text has changed, and marks changed figures.</summary>
public sealed partial class PostRow
{
    private PostView? _shown;
    private string? _shownAge;
    private ImmutableArray<TrailPoint> _trail = [];
    private List<ChartPoint> _points = [];
    private string _title = "";
    private string? _change;
    private bool _revealed;
    private bool _stale;

    [Parameter, EditorRequired]
    public required PostView Post { get; set; }

    /// <summary>Age as text, given by the parent so that all rows of one render share one clock.</summary>
    [Parameter, EditorRequired]
    public required string Age { get; set; }

    [Inject] internal PostFeed Feed { get; set; } = null!;

    private bool Hidden => Post.Over18 && !_revealed;

    private string TitleClass => Hidden ? "title title-hidden" : "title";

    private string PostAddress => "posts/" + Uri.EscapeDataString(Post.Id);

    private string SubredditView => "subreddits/" + Uri.EscapeDataString(Post.Subreddit);

    private string ScoreTitle => Post.CurrentRatio is { } ratio
        ? string.Create(CultureInfo.InvariantCulture, $"{Figures.Exact(Post.CurrentScore)} points, {ratio * 100:0} % upvoted")
        : $"{Figures.Exact(Post.CurrentScore)} points";

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_shown, Post) && _shownAge == Age)
            return;

        // The first render asks nobody.
        _stale = _shown is not null;
        if (_shown is not null && _shown.Id == Post.Id && Direction(_shown, Post) is { } direction)
        {
            // Two names for the same animation: a changed name starts it again while the last one is still running.
            _change = _change == direction + "-a" ? direction + "-b" : direction + "-a";
        }

        _shown = Post;
        var trail = Feed.TrailOf(Post.Id);
        if (trail != _trail)
            (_trail, _points) = (trail, [.. trail.Select(point => new ChartPoint(point.ObservedAt, point.Score))]);
        _shownAge = Age;
        // Reddit's titles carry HTML entities.
        _title = WebUtility.HtmlDecode(Post.Title);
    }

    protected override bool ShouldRender()
    {
        var stale = _stale;
        _stale = false;
        return stale;
    }

    private static string? Direction(PostView before, PostView after)
    {
        if (before.CurrentScore != after.CurrentScore)
            return after.CurrentScore > before.CurrentScore ? "up" : "down";
        return before.CurrentComments != after.CurrentComments ? "up" : null;
    }

    private void Reveal()
    {
        _revealed = !_revealed;
        _stale = true;
    }
}
