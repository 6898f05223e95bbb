using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using SignalFlow.RedditSimulator.Faults;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>A request that may be answered, and how.</summary>
/// <param name="Outcome">For the metrics.</param>
/// <param name="Staleness">How old, in simulated time, the answer has to be.</param>
/// <param name="Damage">What happens to the body.</param>
/// <param name="Subreddits">Those of the named ones that the answer is about.</param>
/// <param name="Empty">Nothing is found.</param>
internal readonly record struct Admission(
    string Outcome, TimeSpan Staleness, BodyDamage Damage, IReadOnlyList<string> Subreddits, bool Empty);

/// <summary>What every API request passes before it is answered: token, faults, quota.</summary>
internal sealed class RedditGate(SimulatorOptions options, AccessTokens tokens, FaultBoard faults, SimulatorMetrics metrics, TimeProvider time)
{
    /// <summary>The label of look-ups of posts, in metrics and for faults.</summary>
    public const string InfoEndpoint = "info";

    /// <summary>With enforcement off, the headers still count down from the usual quota.</summary>
    private const int UsualQuota = 1_000;

    /// <summary>Of path and query. Reports say that 2,564 characters worked and 2,907 did not.</summary>
    private const int LongestAddress = 2_600;

    private readonly RateWindows _windows =
        new(time, TimeSpan.FromMinutes(10) / options.Speed, options.RequestsPerWindow > 0 ? options.RequestsPerWindow : UsualQuota);

    /// <returns>Null when the request has been answered: refused, or by a fault.</returns>
    public async Task<Admission?> AdmitAsync(HttpContext context, string endpoint, IReadOnlyList<string> subreddits)
    {
        if (context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length > LongestAddress)
        {
            metrics.Answered(endpoint, "too_long");
            await FaultAnswers.WriteTooLongAsync(context);
            return null;
        }

        if (TokenOf(context.Request) is not { } token || tokens.ClientOf(token) is not { } client)
        {
            metrics.Answered(endpoint, "unauthorized");
            await FaultAnswers.WriteUnauthorizedAsync(context);
            return null;
        }

        var use = _windows.Count(client);
        var (delay, fault, named) = faults.Take(endpoint == InfoEndpoint ? FaultScope.Info : FaultScope.Api, subreddits);
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, context.RequestAborted);

        if (fault is { Kind: not (FaultKind.Stale or FaultKind.Cut or FaultKind.Truncated or FaultKind.EmptyInfo) })
        {
            if (fault.Kind == FaultKind.Unauthorized)
                tokens.Revoke(token);

            metrics.Answered(endpoint, "fault");
            await FaultAnswers.WriteAsync(context, fault);
            return null;
        }

        use.WriteTo(context.Response.Headers, "F1");
        if (use.Exceeded && options.RequestsPerWindow > 0)
        {
            context.Response.Headers.RetryAfter = use.ResetSeconds.ToString(CultureInfo.InvariantCulture);
            metrics.Answered(endpoint, "rate_limited");
            await Answers.WriteJsonAsync(context, StatusCodes.Status429TooManyRequests, """{"message": "Too Many Requests", "error": 429}""");
            return null;
        }

        var stale = fault is { Kind: FaultKind.Stale } ? TimeSpan.FromSeconds(fault.Age ?? FaultRule.DefaultAge) : TimeSpan.Zero;
        var damage = fault?.Kind switch
        {
            FaultKind.Cut => BodyDamage.Cut,
            FaultKind.Truncated => BodyDamage.Truncated,
            _ => BodyDamage.None,
        };
        return new Admission(fault is null ? "ok" : "fault", stale, damage, named, Empty: fault?.Kind == FaultKind.EmptyInfo);
    }

    private static string? TokenOf(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
        && "Bearer".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase)
            ? header.Parameter
            : null;
}
