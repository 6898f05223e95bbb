using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Search;

/// <summary>A static page: form, results and pages are links and addresses.</summary>
public sealed partial class SearchBoard
{
    private static readonly IReadOnlyList<(string Name, string Label)> Sorts =
        [("", "best match"), ("new", "newest"), ("score", "score, last day"), ("velocity", "velocity, last day"), ("momentum", "momentum, last day")];

    private PostPage? _page;
    private Exception? _error;
    private Highlighter _marks = new("", "");
    private DateTimeOffset _now;

    [Parameter, EditorRequired]
    public required SearchRequest Request { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    protected override async Task OnParametersSetAsync()
    {
        (_page, _error, _now) = (null, null, Time.GetUtcNow());
        _marks = new(Request.Q, Request.Keyword);
        if (Request.IsEmpty)
            return;
        try
        {
            // Without words there is no best match.
            _page = Request.Q.Length > 0
                ? await Api.SearchPostsAsync(Request.ToQuery(), CancellationToken.None)
                : await Api.ListPostsAsync(Request.ToQuery(), CancellationToken.None);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            _error = exception;
        }
    }

    private static string Sentence(PostPage page)
    {
        var more = page.Next is not null || page.Previous is not null ? " on this page" : "";
        return page.Results.Count == 1 ? $"One post{more}." : $"{page.Results.Count} posts{more}.";
    }

    private string Export(string format) => "api/posts/export" + QueryHelpers.AddQueryString((Request with { Cursor = "" }).ToQuery(), "format", format);
}
