using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Api.Access;

namespace SignalFlow.Api.Live;

/// <summary>What every live connection has to pass before it is one; refusals are problems with a status, not closed sockets.</summary>
internal sealed class LiveGate(LiveLimits limits, LiveFeed feed, LiveMetrics metrics, IConfiguration configuration)
{
    /// <summary>The allow-list of CORS: what may read our answers may read our stream.</summary>
    public const string OriginsKey = "Api:Cors:Origins";

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _origins = new(
        (configuration.GetSection(OriginsKey).Get<string[]>() ?? []).Select(origin => origin.TrimEnd('/')), StringComparer.OrdinalIgnoreCase);

    /// <summary>The place is taken for as long as the connection lasts.</summary>
    public async Task<(LiveRequest? Request, LiveLimits.Place? Place, IResult? Refusal)> EnterAsync(HttpContext http)
    {
        if (Check(http, out var request) is { } refusal)
            return (null, null, refusal);
        var caller = Caller.Of(http);
        // A user's keys are the user: more keys are not more connections. Only the UI's own has none.
        if (limits.TryEnter(caller.UserId?.ToString() ?? (caller.KeyId is null ? null : caller.Name), caller.Subscriber, out var reason) is not { } place)
            return (null, null, Full(http, reason));
        // Also without Redis: then the client is told so.
        await feed.Started.WaitAsync(StartPatience, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (request, place, null);
    }

    /// <returns>Null: it may go on.</returns>
    public IResult? Check(HttpContext http, out LiveRequest? request)
    {
        request = null;
        if (!IsOurOrigin(http.Request))
        {
            metrics.Refused("origin");
            return TypedResults.Problem(
                $"Pages of this origin may not connect; {OriginsKey} lists those that may.", statusCode: StatusCodes.Status403Forbidden);
        }

        return LiveRequest.TryParse(http.Request.Query, out request, out var errors) ? null : TypedResults.ValidationProblem(errors);
    }

    /// <summary>When the caller's token runs out; null when it does not.</summary>
    public static DateTimeOffset? ExpiryOf(ClaimsPrincipal? user) =>
        long.TryParse(user?.FindFirstValue("exp"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    /// <summary>Browsers send it, and send the user's cookies to whoever's page asks; programs send none.</summary>
    private bool IsOurOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0 || _origins.Contains(origin))
            return true;
        // Not the scheme: a proxy may speak HTTPS for us.
        return Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase);
    }

    private static ProblemHttpResult Full(HttpContext http, string reason)
    {
        http.Response.Headers.RetryAfter = "30";
        return reason == "total"
            ? TypedResults.Problem(
                "This server has all the live connections that it can have; try again later.",
                statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Problem(
                $"This {reason} has all the live connections that it may have; close one first.",
                statusCode: StatusCodes.Status429TooManyRequests);
    }
}
