using System.Collections.Frozen;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Ops;

/// <summary>How much a subreddit asks for a look; the order of the list.</summary>
public enum StatusGroup
{
    /// <summary>It should be polled and cannot be.</summary>
    Trouble,

    /// <summary>Its turn is yet to come.</summary>
    Waiting,
    Good,

    /// <summary>Nobody wants it polled any more.</summary>
    Inactive,
}

/// <summary>What the status of a subreddit means, in words.</summary>
internal sealed record SubredditStatus(StatusGroup Group, string Words)
{
    private static readonly FrozenDictionary<string, string> Reasons = new Dictionary<string, string>
    {
        ["private"] = "Private: only its members can read it",
        ["quarantined"] = "Quarantined by Reddit",
        ["banned"] = "Banned by Reddit",
        ["renamed"] = "Renamed or merged into another one",
        ["not_found"] = "Not found",
        ["does_not_exist"] = "Does not exist",
        ["forbidden"] = "Reddit forbids it without a reason",
        ["blocked"] = "Reddit blocks this client",
        ["rejected"] = "Reddit rejects the request",
        ["server_error"] = "Reddit answers with an error",
        ["network"] = "Reddit cannot be reached",
        ["timeout"] = "Reddit does not answer in time",
        ["invalid_answer"] = "Reddit's answer cannot be read",
        ["throttled"] = "Reddit asks to slow down",
        ["unauthorized"] = "Reddit refuses the credentials",
    }.ToFrozenDictionary();

    public static SubredditStatus Of(SubredditStatusView subreddit) => subreddit switch
    {
        { IsActive: false } => new(StatusGroup.Inactive, "Not polled any more"),
        { Status: "ok" } => new(StatusGroup.Good, "Polled"),
        { Status: "new" } => new(StatusGroup.Waiting, "New"),
        { Status: SubredditStatusView.Pending } => new(StatusGroup.Waiting, "Not polled yet"),
        _ => new(StatusGroup.Trouble, Reasons.GetValueOrDefault(subreddit.Status) ?? Name(subreddit.Status)),
    };

    /// <summary>"server_error" as a label: "Server error".</summary>
    public static string Name(string status) =>
        status.Length == 0 ? "Unknown" : char.ToUpperInvariant(status[0]) + status[1..].Replace('_', ' ');
}
