using System.Globalization;
using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Feed;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Stories;

/// <summary>One story. A static page: it is asked for before the answer begins, so that an unknown one is a 404.</summary>
public sealed partial class StoryDetails
{
    private StoryDetail? _story;
    private Exception? _error;
    private DateTimeOffset _now;

    [Parameter, EditorRequired]
    public required string Id { get; set; }

    [CascadingParameter]
    private HttpContext? Http { get; set; }

    [Inject] internal ApiClient Api { get; set; } = null!;

    [Inject] internal TimeProvider Time { get; set; } = null!;

    protected override async Task OnParametersSetAsync()
    {
        _now = Time.GetUtcNow();
        var cancellation = Http?.RequestAborted ?? CancellationToken.None;
        try
        {
            _story = await Api.FindStoryAsync(Id, cancellation);
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !cancellation.IsCancellationRequested)
        {
            _error = exception;
        }

        if (_error is not null)
            Http.AnswerAs(StatusCodes.Status503ServiceUnavailable);
        else if (_story is null)
            Http.AnswerAs(StatusCodes.Status404NotFound);
    }

    private static string Sentence(StoryDetail story)
    {
        var first = story.Spread[0];
        return story.Spread.Count == 1
            ? $"Only r/{first.Subreddit} has it."
            : $"It began in r/{first.Subreddit}, came to r/{story.Spread[1].Subreddit} after {Ages.Relative(TimeSpan.FromMinutes(story.Spread[1].LagMinutes))} and is in {story.Spread.Count} subreddits.";
    }

    private static string Evidence(StoryPostView part) => part.Evidence switch
    {
        "link" => "the same link",
        "title" => string.Create(CultureInfo.InvariantCulture, $"nearly the same title ({part.Similarity * 100:0} %)"),
        "words" => string.Create(CultureInfo.InvariantCulture, $"the same words ({part.Similarity * 100:0} %)"),
        _ => "its first post",
    };
}
