using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Posts;

/// <summary>One post and all that was observed of it. A static page: it is asked for before the answer begins, so that an unknown post is a 404.</summary>
public sealed partial class PostDetail
{
    private PostView? _post;
    private IReadOnlyList<PostHistoryPoint> _history = [];
    private HttpRequestException? _error;
    private string _title = "";
    private DateTimeOffset _now;

    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [CascadingParameter]
    private HttpContext? Http { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    private string PageTitleText => _post is null ? "Post" : _post.Over18 ? $"A post in r/{_post.Subreddit}" : _title;

    protected override async Task OnParametersSetAsync()
    {
        _now = Time.GetUtcNow();
        var cancellation = Http?.RequestAborted ?? CancellationToken.None;
        try
        {
            _post = await Api.FindPostAsync(Id, cancellation);
            if (_post is not null)
                _history = (await Api.GetHistoryAsync(Id, cancellation)).Results;
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !cancellation.IsCancellationRequested)
        {
            _error = exception as HttpRequestException ?? new(exception.Message, exception);
        }

        _title = WebUtility.HtmlDecode(_post?.Title ?? "");
        if (_error is not null)
            Http.AnswerAs(StatusCodes.Status503ServiceUnavailable);
        else if (_post is null)
            Http.AnswerAs(StatusCodes.Status404NotFound);
    }

    private static string Ratio(PostView post) =>
        post.CurrentRatio is { } ratio ? string.Create(CultureInfo.InvariantCulture, $"{ratio * 100:0} % upvoted") : "";

    private static string PurgeWords(string? reason) => reason switch
    {
        PostRemoval.Absent => "it is missing from Reddit's answers",
        "moderator" => "by a moderator of the subreddit",
        "author" or "deleted" => "by its author",
        "reddit" or "anti_evil_ops" or "community_ops" or "legal_operations" or "copyright_takedown" => "by Reddit itself",
        "automod_filtered" => "by the subreddit's automatic moderator",
        null => "for no stated reason",
        _ => reason.Replace('_', ' '),
    };
}
