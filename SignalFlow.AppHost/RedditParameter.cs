using Microsoft.Extensions.Configuration;

namespace SignalFlow.AppHost;

/// <summary>What Reddit wants to know of its caller.</summary>
/// <param name="Name">Name of the Aspire parameter.</param>
/// <param name="OriginalName">The original system's environment variable; it serves too, so that an existing <c>.env</c> works.</param>
/// <param name="Secret">Never shown in the dashboard or written to a manifest.</param>
internal sealed record RedditParameter(string Name, string OriginalName, bool Secret)
{
    public static readonly RedditParameter ClientId = new("reddit-client-id", "REDDIT_CLIENT_ID", Secret: true);
    public static readonly RedditParameter ClientSecret = new("reddit-client-secret", "REDDIT_CLIENT_SECRET", Secret: true);
    public static readonly RedditParameter UserAgent = new("reddit-user-agent", "REDDIT_USER_AGENT", Secret: false);

    // Aspire itself reads the second form, because a shell cannot export a name with a hyphen.
    private string[] Keys => [$"Parameters:{Name}", $"Parameters:{Name.Replace('-', '_')}", OriginalName];

    /// <summary>The configuration key that holds the value, or null where none does.</summary>
    public string? FindKey(IConfiguration configuration) => Array.Find(Keys, key => !string.IsNullOrEmpty(configuration[key]));
}
