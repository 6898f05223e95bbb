using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using SignalFlow.Contracts;
using SignalFlow.Tests.Api;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Security;

/// <summary>What a caller may not set is no field of what is sent: of every endpoint that reads a body.</summary>
public sealed class ForeignFieldTests(PostgresFixture postgres)
{
    // Left out where an endpoint is made to set them.
    private static readonly string[] Foreign =
    [
        "role", "id", "user_id", "owner_id", "owner", "is_admin", "is_active", "added_by", "created_at",
        "password_hash", "security_stamp", "lockout_end", "version"
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_field_that_is_not_for_the_caller_to_set_is_refused()
    {
        await using var api = await ApiApplication.StartAsync(postgres);
        var name = await api.AddUserAsync("admin");
        await api.AddUserAsync("viewer", "victim");
        using var signedIn = await api.Client.PostAsJsonAsync("/api/token/", new SignInRequest(name, ApiApplication.Password), Cancel);
        var pair = (await signedIn.Content.ReadFromJsonAsync(ContractsJsonContext.Default.TokenPair, Cancel))!;
        api.Client.DefaultRequestHeaders.Authorization = new("Bearer", pair.Access);
        var requests = Requests(name, pair.Refresh, await api.Database.ScalarAsync<Guid>("SELECT id FROM users WHERE user_name = 'victim'"));
        var fields = (await OpenApiTests.DocumentAsync(api)).Paths
            .SelectMany(path => path.Value.Operations!.Select(operation => (Name: $"{operation.Key} {path.Key}", Body: operation.Value.RequestBody)))
            .Where(operation => operation.Body?.Content?.ContainsKey("application/json") == true)
            .ToDictionary(operation => operation.Name, operation => operation.Body!.Content!["application/json"].Schema!.Properties!.Keys);
        Assert.Equal(fields.Keys.Order(StringComparer.Ordinal), requests.Select(request => request.Operation).Order(StringComparer.Ordinal));

        foreach (var request in requests)
        {
            var before = await TracesAsync(api);
            foreach (var foreign in Foreign.Except(fields[request.Operation]))
            {
                var body = JsonNode.Parse(request.Body)!;
                body[foreign] = foreign.EndsWith("id", StringComparison.Ordinal) ? "00000000-0000-0000-0000-000000000001"
                    : foreign.StartsWith("is_", StringComparison.Ordinal) ? true : "admin";
                Assert.True(await StatusAsync(api, request, body.ToJsonString()) == HttpStatusCode.BadRequest, $"{request.Operation} takes {foreign}.");
            }

            Assert.Equal(before, await TracesAsync(api));
            // It was the field.
            Assert.Equal((request.Operation, request.Status), (request.Operation, await StatusAsync(api, request, request.Body)));
        }
    }

    // In an order in which each finds what it is about; what ends the sign-in comes last.
    private static Request[] Requests(string name, string refresh, Guid victim) =>
    [
        new("POST /api/token", "/api/token/", $$"""{"username":"{{name}}","password":"{{ApiApplication.Password}}"}""", HttpStatusCode.OK),
        new("POST /api/token/refresh", "/api/token/refresh/", $$"""{"refresh":"{{refresh}}"}""", HttpStatusCode.OK),
        new("POST /api/token/revoke", "/api/token/revoke/", """{"refresh":"none"}""", HttpStatusCode.NoContent),
        // There is an administrator.
        new("POST /api/setup", "/api/setup/", """{"token":"none","username":"second","password":"a password for two"}""", HttpStatusCode.Forbidden),
        new("POST /api/account/keys", "/api/account/keys/", """{"name":"x","scopes":["read"]}""", HttpStatusCode.Created),
        new("POST /api/account/searches", "/api/account/searches/", """{"name":"x","query":"q=a"}""", HttpStatusCode.OK),
        new("POST /api/admin/users", "/api/admin/users/", """{"username":"ana","role":"viewer","password":"a password for ana"}""", HttpStatusCode.Created),
        new("PATCH /api/admin/users/{id}", $"/api/admin/users/{victim}/", """{"role":"analyst"}""", HttpStatusCode.OK),
        new("POST /api/admin/subreddits", "/api/admin/subreddits/", """{"name":"added_here"}""", HttpStatusCode.Created),
        new("PATCH /api/admin/subreddits/{name}", "/api/admin/subreddits/added_here/", """{"tier":"slow"}""", HttpStatusCode.OK),
        new("POST /dlq/replay", "/dlq/replay/", """{"ids":[1],"dry_run":true}""", HttpStatusCode.OK),
        new("POST /dlq/discard", "/dlq/discard/", """{"ids":[1],"reason":"x","dry_run":true}""", HttpStatusCode.OK),
        // There is none.
        new("POST /dlq/discard/{id}", "/dlq/discard/1/", """{"reason":"x"}""", HttpStatusCode.NotFound),
        new("POST /api/alerts/rules", "/api/alerts/rules/", """{"name":"x","kind":"query","query":"a"}""", HttpStatusCode.Created),
        new("PUT /api/alerts/rules/{id}", "/api/alerts/rules/1/", """{"name":"y","kind":"query","query":"b"}""", HttpStatusCode.OK),
        new("POST /api/alerts/rules/preview", "/api/alerts/rules/preview/", """{"kind":"query","query":"a"}""", HttpStatusCode.OK),
        new("POST /api/alerts/rules/{id}/mute", "/api/alerts/rules/1/mute/", """{"until":null}""", HttpStatusCode.OK),
        new(
            "POST /api/alerts/channels", "/api/alerts/channels/", """{"name":"x","kind":"webhook","target":"https://hooks.example.org/"}""",
            HttpStatusCode.Created),
        new("PUT /api/alerts/channels/{id}", "/api/alerts/channels/1/", """{"name":"y"}""", HttpStatusCode.OK),
        new(
            "POST /api/account/password", "/api/account/password/", $$"""{"current":"{{ApiApplication.Password}}","new":"another good password"}""",
            HttpStatusCode.NoContent),
    ];

    private static Task<long> TracesAsync(ApiApplication api) => api.Database.ScalarAsync<long>("SELECT count(*) FROM audit_log");

    private static async Task<HttpStatusCode> StatusAsync(ApiApplication api, Request request, string body)
    {
        using var message = new HttpRequestMessage(HttpMethod.Parse(request.Operation.Split(' ')[0]), request.Address)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json")
        };
        message.Headers.IfMatch.Add(System.Net.Http.Headers.EntityTagHeaderValue.Any);
        using var answer = await api.Client.SendAsync(message, Cancel);
        return answer.StatusCode;
    }

    private sealed record Request(string Operation, string Address, string Body, HttpStatusCode Status);
}
