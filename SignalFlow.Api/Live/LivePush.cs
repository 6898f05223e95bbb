using System.Diagnostics;

namespace SignalFlow.Api.Live;

/// <summary>
/// The span of one message on its way to all clients of a group: from the first to the last one whose connection has taken it. One for each client would
/// be thousands a second.
/// </summary>
internal sealed class LivePush
{
    private readonly Activity _activity;
    private readonly int _clients;
    private int _sent;
    private int _ended;

    private LivePush(Activity activity, int clients) => (_activity, _clients) = (activity, clients);

    /// <summary>For the message itself, so that its readers can go on.</summary>
    public string TraceParent => _activity.Id!;

    /// <param name="updates">What the message is made of; the first is its parent. Empty: not traced.</param>
    /// <param name="posts">How many are in it.</param>
    /// <param name="clients">Who is to get it.</param>
    public static LivePush? Start(IReadOnlyList<ActivityContext> updates, int posts, int clients)
    {
        if (updates.Count == 0 || clients == 0)
            return null;
        // It ends on another thread, which must not be left with what is current here.
        var outer = Activity.Current;
        Activity.Current = null;
        var activity = LiveActivity.Source.StartActivity(
            "push posts.update", ActivityKind.Producer, updates[0], links: updates.Skip(1).Select(update => new ActivityLink(update)));
        Activity.Current = outer;
        if (activity is not { IsAllDataRequested: true })
            return null;
        activity.SetTag("signalflow.posts", posts);
        activity.SetTag("signalflow.clients", clients);
        return new(activity, clients);
    }

    /// <summary>A client has it: counts it as part of the span, for the exemplars.</summary>
    public void Sent(LiveMetrics metrics, LiveTransport transport, int bytes, TimeSpan? delay)
    {
        var outer = Activity.Current;
        Activity.Current = _activity;
        metrics.Sent(transport, bytes, delay);
        Activity.Current = outer;
        if (Interlocked.Increment(ref _sent) == _clients)
            End();
    }

    /// <summary>Also when the next message comes first: whoever has not got this one gets both as one.</summary>
    public void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 1)
            return;
        _activity.SetTag("signalflow.clients_sent", Volatile.Read(ref _sent));
        var outer = Activity.Current;
        _activity.Stop();
        Activity.Current = outer;
    }
}
