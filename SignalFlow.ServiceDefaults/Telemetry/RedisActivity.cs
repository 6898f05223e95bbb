using System.Diagnostics;

namespace SignalFlow.ServiceDefaults;

/// <summary>
/// Spans of calls to Redis, as OpenTelemetry's conventions for databases have them. Made by hand where they tell something: the client can only report each
/// command, and a batch sends one for every post.
/// </summary>
public static class RedisActivity
{
    private static readonly ActivitySource Source = new("SignalFlow.Redis");

    /// <param name="operation">The command.</param>
    /// <param name="commands">How many of it are sent together.</param>
    /// <returns>Null where nobody listens, and outside of any other span.</returns>
    public static Activity? Start(string operation, int commands = 1)
    {
        if (!Source.HasListeners() || Activity.Current is null)
            return null;
        var activity = Source.StartActivity(operation, ActivityKind.Client);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        activity.SetTag("db.system.name", "redis");
        activity.SetTag("db.operation.name", operation);
        if (commands > 1)
            activity.SetTag("db.operation.batch.size", commands);
        return activity;
    }
}
