using Microsoft.Extensions.Configuration;

namespace SignalFlow.AppHost;

/// <summary>What Reddit wants to know of its caller.</summary>
/// <param name="Name">Name of the Aspire parameter.</param>
/// <param name="Key">The services' own configuration key.</param>
/// <param name="OriginalName">The original system's environment variable, so that an existing <c>.env</c> works.</param>
/// <param name="Secret">Never shown in the dashboard or written to a manifest.</param>
internal sealed record RedditParameter(string Name, string Key, string OriginalName, bool Secret)
{
    public static readonly RedditParameter ClientId = new("reddit-client-id", "Reddit:ClientId", "REDDIT_CLIENT_ID", Secret: true);
    public static readonly RedditParameter ClientSecret = new("reddit-client-secret", "Reddit:ClientSecret", "REDDIT_CLIENT_SECRET", Secret: true);
    public static readonly RedditParameter UserAgent = new("reddit-user-agent", "Reddit:UserAgent", "REDDIT_USER_AGENT", Secret: false);

    public string EnvironmentVariable => Key.Replace(":", "__", StringComparison.Ordinal);

    // Aspire itself reads the second form, because a shell cannot export a name with a hyphen.
    private string[] Sources => [$"Parameters:{Name}", $"Parameters:{Name.Replace('-', '_')}", Key, OriginalName];

    /// <summary>The configuration key that holds the value, or null where none does.</summary>
    public string? FindSource(IConfiguration configuration) => Array.Find(Sources, key => !string.IsNullOrEmpty(configuration[key]));
}
