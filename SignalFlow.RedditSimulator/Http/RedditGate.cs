using System.Globalization;
using System.Net.Http.Headers;
using SignalFlow.RedditSimulator.Faults;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>A request that may be answered, and how.</summary>
/// <param name="Outcome">For the metrics.</param>
/// <param name="Staleness">How old, in simulated time, the answer has to be.</param>
/// <param name="Damage">What happens to the body.</param>
internal readonly record struct Admission(string Outcome, TimeSpan Staleness, BodyDamage Damage);

/// <summary>What every API request passes before it is answered: token, faults, quota.</summary>
internal sealed class RedditGate(SimulatorOptions options, AccessTokens tokens, FaultBoard faults, SimulatorMetrics metrics, TimeProvider time)
{
    /// <summary>With enforcement off, the headers still count down from the usual quota.</summary>
    private const int UsualQuota = 1_000;

    private readonly RateWindows _windows =
        new(time, TimeSpan.FromMinutes(10) / options.Speed, options.RequestsPerWindow > 0 ? options.RequestsPerWindow : UsualQuota);

    /// <returns>Null when the request has been answered: refused, or by a fault.</returns>
    public async Task<Admission?> AdmitAsync(HttpContext context, string endpoint, IReadOnlyList<string> subreddits)
    {
        if (TokenOf(context.Request) is not { } token || tokens.ClientOf(token) is not { } client)
        {
            metrics.Answered(endpoint, "unauthorized");
            await FaultAnswers.WriteUnauthorizedAsync(context);
            return null;
        }

        var use = _windows.Count(client);
        var (delay, fault) = faults.Take(FaultScope.Api, subreddits);
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, context.RequestAborted);

        if (fault is { Kind: not (FaultKind.Stale or FaultKind.Cut or FaultKind.Truncated) })
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

        return fault?.Kind switch
        {
            FaultKind.Stale => new Admission("fault", TimeSpan.FromSeconds(fault.Age ?? FaultRule.DefaultAge), BodyDamage.None),
            FaultKind.Cut => new Admission("fault", TimeSpan.Zero, BodyDamage.Cut),
            FaultKind.Truncated => new Admission("fault", TimeSpan.Zero, BodyDamage.Truncated),
            _ => new Admission("ok", TimeSpan.Zero, BodyDamage.None),
        };
    }

    private static string? TokenOf(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
        && "Bearer".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase)
            ? header.Parameter
            : null;
}
