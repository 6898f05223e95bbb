using SignalFlow.Contracts;
using SignalFlow.Web.Components.Charts;

namespace SignalFlow.Web.Components.Posts;

/// <summary>Points a minute, from history.</summary>
internal static class PostVelocity
{
    /// <summary>
    /// At each observation the gain since the newest one that is at least this much older: Reddit blurs scores by a few points, which over seconds
    /// would be hundreds of points a minute.
    /// </summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <param name="history">Oldest first.</param>
    public static IEnumerable<ChartPoint> Of(IReadOnlyList<PostHistoryPoint> history)
    {
        var from = 0;
        for (var index = 1; index < history.Count; index++)
        {
            var point = history[index];
            while (from + 1 < index && point.ObservedAt - history[from + 1].ObservedAt >= Window)
                from++;
            var minutes = (point.ObservedAt - history[from].ObservedAt).TotalMinutes;
            // A post that is younger than the window is measured from its first observation.
            yield return new(point.ObservedAt, minutes > 0 ? (point.Score - history[from].Score) / minutes : null);
        }
    }
}
