using System.Diagnostics;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>The end of an update's way: into the process's feed, and from there onto the pages that show it.</summary>
internal static class WebActivity
{
    private static readonly ActivitySource Source = new(WebMetrics.MeterName);

    /// <summary>Null unless the API has traced the update.</summary>
    public static Activity? Apply(LiveUpdate update)
    {
        if (update.TraceParent is not { } trace || !Source.HasListeners() || !ActivityContext.TryParse(trace, null, isRemote: true, out var parent))
            return null;
        var activity = Source.StartActivity("apply posts.update", ActivityKind.Consumer, parent);
        activity?.SetTag("signalflow.posts", update.Posts.Count);
        return activity;
    }

    /// <summary>One for all circuits; ends when the last of them has rendered.</summary>
    /// <param name="updates">What has been applied since the last time; the first is its parent. Empty: not traced.</param>
    /// <param name="subscribers">What there is to render.</param>
    /// <param name="began">When the first of it was begun.</param>
    /// <param name="rendered">When it is done.</param>
    public static async Task RenderAsync(IReadOnlyList<ActivityContext> updates, int subscribers, DateTimeOffset began, Task rendered)
    {
        if (updates.Count == 0 || subscribers == 0)
            return;
        using var activity = Source.StartActivity(
            "render posts.update", ActivityKind.Internal, updates[0], links: updates.Skip(1).Select(update => new ActivityLink(update)), startTime: began);
        activity?.SetTag("signalflow.subscribers", subscribers);
        await rendered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
