using System.Net;
using System.Text.RegularExpressions;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Access;

/// <summary>Every endpoint against every kind of caller. An endpoint that is not in the table fails.</summary>
public sealed partial class AccessTableTests(PostgresFixture postgres)
{
    private static readonly Dictionary<string, string> Table = new(StringComparer.Ordinal)
    {
        ["GET /api/access"] = "anonymous",
        ["POST /api/token"] = "anonymous",
        ["POST /api/token/refresh"] = "anonymous",
        ["POST /api/token/revoke"] = "anonymous",
        ["GET /api/setup"] = "anonymous",
        ["POST /api/setup"] = "anonymous",
        ["POST /api/setup/form"] = "anonymous",
        ["GET /api/account"] = "account",
        ["POST /api/account/password"] = "account",
        ["GET /api/account/keys"] = "account",
        ["POST /api/account/keys"] = "account",
        ["DELETE /api/account/keys/{id:long}"] = "account",
        ["GET /api/account/searches"] = "account",
        ["POST /api/account/searches"] = "account",
        ["DELETE /api/account/searches/{id:long}"] = "account",
        ["GET /api/admin/users"] = "administer",
        ["POST /api/admin/users"] = "administer",
        ["PATCH /api/admin/users/{id:guid}"] = "administer",
        ["DELETE /api/admin/users/{id:guid}"] = "administer",
        ["DELETE /api/admin/users/{id:guid}/sessions"] = "administer",
        ["GET /api/admin/keys"] = "administer",
        ["DELETE /api/admin/keys/{id:long}"] = "administer",
        ["POST /api/admin/signing-keys/rotate"] = "administer",
        ["GET /api/admin/audit"] = "administer",
        ["GET /api/posts"] = "read",
        ["GET /api/signals"] = "read",
        ["GET /api/signals/anomalies"] = "read",
        ["GET /api/signals/shifts"] = "read",
        ["GET /api/stories"] = "read",
        ["GET /api/stories/{id}"] = "read",
        ["GET /api/terms"] = "read",
        ["GET /api/posts/trails"] = "read",
        ["GET /api/posts/{id}"] = "read",
        ["GET /api/posts/{id}/history"] = "read",
        ["GET /api/stats"] = "read",
        ["GET /api/subreddits"] = "read",
        ["GET /api/subreddits/{name}"] = "read",
        ["GET /api/subreddits/{name}/series"] = "read",
        ["GET /api/subreddits/{name}/authors"] = "read",
        ["GET /api/timeline"] = "read",
        ["GET /api/keywords"] = "read",
        ["GET /api/topics"] = "read",
        ["GET /api/trending"] = "read",
        ["GET /api/search"] = "read",
        ["GET /api/posts/export"] = "export",
        ["GET /api/storage"] = "read",
        ["GET /api/ingestion"] = "read",
        ["GET /api/ingestion/subreddits"] = "read",
        ["GET /api/ingestion/purges"] = "read",
        ["GET /api/pipeline"] = "read",
        ["GET /api/admin/subreddits"] = "operate",
        ["GET /api/admin/subreddits/{name}"] = "operate",
        ["POST /api/admin/subreddits"] = "administer",
        ["PATCH /api/admin/subreddits/{name}"] = "administer",
        ["DELETE /api/admin/subreddits/{name}"] = "administer",
        ["POST /api/admin/subreddits/{name}/pause"] = "administer",
        ["POST /api/admin/subreddits/{name}/resume"] = "administer",
        ["POST /api/admin/subreddits/import"] = "administer",
        ["GET /api/admin/trending"] = "operate",
        ["GET /api/alerts"] = "account",
        ["GET /api/alerts/{id:long}"] = "account",
        ["POST /api/alerts/{id:long}/acknowledge"] = "account",
        ["POST /api/alerts/acknowledge"] = "account",
        ["GET /api/alerts/rules"] = "alert",
        ["POST /api/alerts/rules"] = "alert",
        ["POST /api/alerts/rules/preview"] = "alert",
        ["GET /api/alerts/rules/{id:long}"] = "alert",
        ["PUT /api/alerts/rules/{id:long}"] = "alert",
        ["DELETE /api/alerts/rules/{id:long}"] = "alert",
        ["POST /api/alerts/rules/{id:long}/mute"] = "alert",
        ["GET /api/alerts/channels"] = "alert",
        ["POST /api/alerts/channels"] = "alert",
        ["GET /api/alerts/channels/{id:long}"] = "alert",
        ["PUT /api/alerts/channels/{id:long}"] = "alert",
        ["DELETE /api/alerts/channels/{id:long}"] = "alert",
        ["POST /api/alerts/channels/{id:long}/test"] = "alert",
        ["GET /api/alerts/channels/{id:long}/deliveries"] = "alert",
        ["POST /api/account/searches/{id:long}/feed"] = "account",
        ["DELETE /api/account/searches/{id:long}/feed"] = "account",
        ["GET /api/feeds/searches/{token}.atom"] = "anonymous",
        ["GET /api/feeds/searches/{token}.json"] = "anonymous",
        ["GET /api/feeds/trending.atom"] = "read",
        ["GET /api/feeds/trending.json"] = "read",
        ["POST /dlq/replay"] = "operate",
        ["POST /dlq/replay/{id:long}"] = "operate",
        ["POST /dlq/discard"] = "operate",
        ["POST /dlq/discard/{id:long}"] = "operate",
        ["GET /dlq"] = "operate",
        ["GET /dlq/{id:long}"] = "operate",
        ["GET /dlq/stats"] = "operate",
        ["GET /ws/posts"] = "live",
        ["GET /api/stream"] = "live",
        ["GET /hubs/posts"] = "live",
        ["GET /hubs/posts/negotiate"] = "live",
        ["GET /health"] = "anonymous",
        ["GET /alive"] = "anonymous",
        ["GET /metrics"] = "anonymous",
        ["GET /version"] = "anonymous",
        ["GET /health/details"] = "operate",
    };

    private static readonly string[] Roles = ["viewer", "analyst", "operator", "admin"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_endpoint_lets_in_whom_the_table_says_and_nobody_else()
    {
        await using var api = await ApiApplication.StartAsync(postgres, settings: new() { ["Api:PublicRead"] = "false" });
        var callers = await CallersAsync(api);
        var endpoints = Endpoints(api);
        Assert.Equal(Table.Keys.Order(StringComparer.Ordinal), endpoints.Select(endpoint => endpoint.Row).Distinct().Order(StringComparer.Ordinal));

        var wrong = new List<string>();
        foreach (var (row, method, path) in endpoints)
        {
            foreach (var caller in callers)
            {
                using var request = Request(method, path);
                caller.Apply(request);
                using var answer = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
                var expected = caller.Expected(Table[row]);
                if (!expected(answer.StatusCode))
                    wrong.Add($"{row} as {caller.Name}: {(int)answer.StatusCode}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Where_reading_is_open_nobody_needs_a_login_to_read_but_a_bad_one_is_told()
    {
        await using var api = await ApiApplication.StartAsync(postgres);

        foreach (var (row, method, path) in Endpoints(api))
        {
            using var request = Request(method, path);
            using var answer = await api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
            if ((answer.StatusCode == HttpStatusCode.Unauthorized) == (Table[row] is "anonymous" or "read" or "live" or "export"))
                Assert.Fail($"{row}: {answer.StatusCode}");
        }

        using var bad = new HttpRequestMessage(HttpMethod.Get, "/api/posts/") { Headers = { { "Authorization", "Bearer nonsense" } } };
        Assert.Equal(HttpStatusCode.Unauthorized, (await api.Client.SendAsync(bad, Cancel)).StatusCode);
    }

    private static async Task<List<TestCaller>> CallersAsync(ApiApplication api)
    {
        var expired = await api.TokenAsync("admin");
        api.Time.Advance(TimeSpan.FromMinutes(61));
        var callers = new List<TestCaller>
        {
            new("none", null, null, []),
            new("expired", expired, null, []),
            new("tampered", Tampered(await api.TokenAsync("admin")), null, []),
            new("wrong key", "sfk_" + new string('a', 43), null, []),
            new("no token at all", "Basic YTpi", null, []),
        };
        foreach (var role in Roles)
            callers.Add(new(role, await api.TokenAsync(role), role, ["read", "live", "export", "alert", "operate", "administer", "account"]));
        foreach (var scope in (string[])["read", "live", "export", "alert", "operate", "administer"])
            callers.Add(new($"admin's key with scope {scope}", await api.KeyAsync("admin", scope), "admin", [scope]));
        callers.Add(new("viewer's key with scope read", await api.KeyAsync("viewer", "read"), "viewer", ["read"]));
        return callers;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path) =>
        new(method, path)
        {
            Content = method == HttpMethod.Get ? null : new StringContent("{}", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"))
        };

    // One letter in the middle of the signature.
    private static string Tampered(string token)
    {
        var index = token.LastIndexOf('.') + 10;
        return token[..index] + (token[index] == 'A' ? 'B' : 'A') + token[(index + 1)..];
    }

    private static List<(string Row, HttpMethod Method, string Path)> Endpoints(ApiApplication api) =>
    [
        .. from endpoint in api.Endpoints.OfType<RouteEndpoint>()
           let pattern = endpoint.RoutePattern.RawText!.TrimEnd('/')
           where !pattern.Contains("**", StringComparison.Ordinal)
           from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
           where method != "HEAD" && method != "OPTIONS"
           select ($"{method} {pattern}", HttpMethod.Parse(method), Parameter().Replace(pattern, match => Value(match.Groups[1].Value))),
    ];

    private static string Value(string parameter) => parameter.EndsWith(":guid", StringComparison.Ordinal) ? Guid.Empty.ToString()
        : parameter.Contains(":long", StringComparison.Ordinal) || parameter.Contains(":int", StringComparison.Ordinal) ? "999999"
        : "nothing_here";

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Parameter();

    private sealed record TestCaller(string Name, string? Credential, string? Role, string[] Policies)
    {
        public void Apply(HttpRequestMessage request)
        {
            if (Credential is { } credential)
                request.Headers.TryAddWithoutValidation("Authorization", credential.Contains(' ', StringComparison.Ordinal) ? credential : $"Bearer {credential}");
        }

        public Func<HttpStatusCode, bool> Expected(string policy)
        {
            if (policy == "anonymous")
                return status => status is not HttpStatusCode.Unauthorized and < HttpStatusCode.InternalServerError;
            if (Role is null)
                return status => status == HttpStatusCode.Unauthorized;
            var needed = policy switch { "export" or "alert" => 1, "operate" => 2, "administer" => 3, _ => 0 };
            return Policies.Contains(policy) && Array.IndexOf(Roles, Role) >= needed
                ? status => status is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) and < HttpStatusCode.InternalServerError
                : status => status == HttpStatusCode.Forbidden;
        }
    }
}
