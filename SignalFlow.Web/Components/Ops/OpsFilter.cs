using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Ops;

/// <summary>Which subreddits to show. Lives in the address of the page.</summary>
/// <param name="Status">A status, <see cref="Trouble"/> for all that need a look, or empty for all.</param>
internal sealed record OpsFilter(string Status)
{
    public const string Trouble = "trouble";

    public static readonly OpsFilter None = new("");

    public bool Matches(SubredditStatusView subreddit) => Status switch
    {
        "" => true,
        Trouble => SubredditStatus.Of(subreddit).Group == StatusGroup.Trouble,
        _ => subreddit.Status == Status,
    };

    public static OpsFilter FromUri(string uri) =>
        QueryHelpers.ParseQuery(new Uri(uri).Query).TryGetValue("status", out var status) ? new(status.ToString().Trim()) : None;

    /// <summary>The relative address of the page under this filter.</summary>
    public string ToUri() => Status.Length == 0 ? "/ops" : QueryHelpers.AddQueryString("/ops", "status", Status);
}
