namespace SignalFlow.Api.Access;

/// <summary>Where a request carries a token or an API key.</summary>
internal static class Credentials
{
    public const string KeyHeader = "X-Api-Key";

    /// <summary>For browsers, whose live connections cannot send headers.</summary>
    private const string QueryName = "access_token";

    private const string Bearer = "Bearer ";

    // Nowhere else: addresses are kept in logs and histories.
    private static readonly PathString[] LivePaths = ["/ws", "/hubs", "/api/stream"];

    public static string? Of(HttpRequest request)
    {
        // Other schemes are somebody else's: a proxy in front may have a login of its own.
        if (request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return header[Bearer.Length..].Trim();
        if (request.Headers[KeyHeader].ToString() is { Length: > 0 } key)
            return key;
        return Array.Exists(LivePaths, path => request.Path.StartsWithSegments(path)) && request.Query[QueryName].ToString() is { Length: > 0 } token
            ? token
            : null;
    }
}
