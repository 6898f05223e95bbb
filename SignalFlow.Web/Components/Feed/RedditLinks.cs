using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Feed;

/// <summary>Addresses on Reddit. Built from Reddit's host and ids, so that no post can name another target.</summary>
internal static class RedditLinks
{
    private const string Host = "https://www.reddit.com";

    public static string Post(PostView post) =>
        post.Permalink is ['/', 'r' or 'u', ..] permalink ? Host + permalink : $"{Host}/comments/{Uri.EscapeDataString(post.Id)}";

    /// <summary>Null for a deleted author.</summary>
    public static string? Author(PostView post) =>
        post.Author is { Length: > 0 } author && author[0] != '[' ? $"{Host}/user/{Uri.EscapeDataString(author)}" : null;
}
