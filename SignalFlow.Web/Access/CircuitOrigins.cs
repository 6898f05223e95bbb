namespace SignalFlow.Web.Access;

/// <summary>
/// Circuits are for pages of this site. A WebSocket is not held back by the browser as other requests to another site are, and it brings the cookies along.
/// </summary>
internal sealed class CircuitOrigins(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/_blazor") || IsOurs(context.Request))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("Pages of this origin may not connect.", context.RequestAborted);
    }

    /// <summary>Browsers send it; programs, which have no cookies of others, send none.</summary>
    private static bool IsOurs(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        // Not the scheme: a proxy may speak HTTPS for us.
        return origin.Length == 0
            || (Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
