using System.Net.Http.Headers;
using System.Text;
using SignalFlow.RedditSimulator.Faults;

namespace SignalFlow.RedditSimulator.Http;

/// <summary><c>POST /api/v1/access_token</c>: the application-only grant. OAuth errors come with HTTP 200, as recorded.</summary>
internal sealed class TokenApi(SimulatorOptions options, AccessTokens tokens, FaultBoard faults, SimulatorMetrics metrics, TimeProvider time)
{
    private const string Endpoint = "token";
    private const int RequestsPerWindow = 300;
    private const int Lifetime = 86_400;

    private readonly RateWindows _windows = new(time, TimeSpan.FromMinutes(10) / options.Speed, RequestsPerWindow);

    public async Task IssueAsync(HttpContext context)
    {
        var (delay, fault, _) = faults.Take(FaultScope.Token, []);
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, context.RequestAborted);

        if (fault is { Kind: FaultKind.TokenError or FaultKind.TokenInvalidGrant })
        {
            metrics.Answered(Endpoint, "fault");
            await FaultAnswers.WriteAsync(context, fault);
            return;
        }

        if (ClientOf(context.Request) is not { } client)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"reddit\"";
            await AnswerAsync(context, StatusCodes.Status401Unauthorized, "unauthorized", """{"message": "Unauthorized", "error": 401}""");
            return;
        }

        var use = _windows.Count(client);
        use.WriteTo(context.Response.Headers, "F0");
        if (use.Exceeded && options.RequestsPerWindow > 0)
        {
            await AnswerAsync(context, StatusCodes.Status429TooManyRequests, "rate_limited", """{"message": "Too Many Requests", "error": 429}""");
            return;
        }

        if (await GrantErrorAsync(context.Request) is { } error)
        {
            await AnswerAsync(context, StatusCodes.Status200OK, "refused", $$"""{"error": "{{error}}"}""");
            return;
        }

        var lifetime = fault?.ExpiresIn ?? Lifetime;
        var token = tokens.Issue(client, TimeSpan.FromSeconds(lifetime));
        await AnswerAsync(
            context,
            StatusCodes.Status200OK,
            fault is null ? "ok" : "fault",
            $$"""{"access_token": "{{token}}", "token_type": "bearer", "expires_in": {{lifetime}}, "scope": "*"}""");
    }

    private Task AnswerAsync(HttpContext context, int status, string outcome, string json)
    {
        metrics.Answered(Endpoint, outcome);
        return Answers.WriteJsonAsync(context, status, json);
    }

    private static async Task<string?> GrantErrorAsync(HttpRequest request)
    {
        try
        {
            var grant = request.HasFormContentType ? (await request.ReadFormAsync(request.HttpContext.RequestAborted))["grant_type"].ToString() : "";
            return grant switch
            {
                "client_credentials" => null,
                "" => "invalid_request",
                _ => "unsupported_grant_type",
            };
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return "invalid_request";
        }
    }

    /// <summary>The client id of acceptable Basic credentials, else null.</summary>
    private string? ClientOf(HttpRequest request)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var header)
            || !"Basic".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var decoded = new byte[header.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(header.Parameter ?? "", decoded, out var length)
            || Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2) is not [{ Length: > 0 } id, { Length: > 0 } secret])
        {
            return null;
        }

        return string.IsNullOrEmpty(options.ClientId) || (id == options.ClientId && secret == options.ClientSecret) ? id : null;
    }
}
