using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>Addresses on Reddit. Built from Reddit's host and ids, so that no post can name another target.</summary>
internal static class RedditLinks
{
    private const string Host = "https://www.reddit.com";

    public static string Post(PostView post) => Post(post.Id, post.Permalink);

    public static string Post(string id, string? permalink) =>
        permalink is ['/', 'r' or 'u', ..] ? Host + permalink : $"{Host}/comments/{Uri.EscapeDataString(id)}";

    /// <summary>Null for a deleted author.</summary>
    public static string? Author(PostView post) =>
        post.Author is { Length: > 0 } author && author[0] != '[' ? $"{Host}/user/{Uri.EscapeDataString(author)}" : null;
}
