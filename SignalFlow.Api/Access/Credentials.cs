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
        if (request.Headers.Authorization.ToString() is { Length: > 0 } header)
            return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : header;
        if (request.Headers[KeyHeader].ToString() is { Length: > 0 } key)
            return key;
        return Array.Exists(LivePaths, path => request.Path.StartsWithSegments(path)) && request.Query[QueryName].ToString() is { Length: > 0 } token
            ? token
            : null;
    }
}
