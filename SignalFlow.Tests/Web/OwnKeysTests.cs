using System.Net;
using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Account;

namespace SignalFlow.Tests.Web;

public sealed class OwnKeysTests : AdminContext
{
    private readonly List<ApiKeyView> _keys = [];

    public OwnKeysTests() => Api.On("GET /api/account/keys/", ContractsJsonContext.Default.ApiKeyList, () => new([.. _keys]));

    [Theory]
    [InlineData("viewer", "read live")]
    [InlineData("analyst", "read live export alert")]
    [InlineData("operator", "read live export alert operate")]
    [InlineData("admin", "read live export alert operate administer")]
    [InlineData("", "")]
    public void Only_scopes_that_the_role_allows_can_be_chosen(string role, string scopes) => Assert.Equal(
        scopes,
        string.Join(' ', RenderReady(role).FindAll("[data-testid^=scope-]").Select(scope => scope.GetAttribute("data-testid")!["scope-".Length..])));

    [Fact]
    public void A_new_key_is_shown_once()
    {
        Api.On("POST /api/account/keys/", ContractsJsonContext.Default.CreatedApiKey, () =>
        {
            _keys.Add(Key(7, "bot"));
            return new("sf_secret", _keys[0]);
        });
        var keys = RenderReady("analyst");
        Part(keys, "key-name-field").Input(" bot ");
        Part(keys, "key-days").Change("30");
        Part(keys, "scope-live").Change(false);
        Part(keys, "scope-export").Change(true);
        Part(keys, "key-form").Submit();

        keys.WaitForAssertion(() => Assert.Equal("The key “bot” is made.", Text(Part(keys, "done"))));
        Assert.Equal("sf_secret", Part(keys, "secret-text").GetAttribute("value"));
        Assert.Equal("""{"name":"bot","scopes":["read","export"],"expires_at":"2026-04-04T12:00:00+00:00"}""", Assert.Single(Api.Changes).Body);
        Part(keys, "secret-close").Click();
        Assert.DoesNotContain("sf_secret", keys.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_may_be_good_for_ever()
    {
        Api.On("POST /api/account/keys/", ContractsJsonContext.Default.CreatedApiKey, () => new("sf_secret", Key(7, "bot")));
        var keys = RenderReady("viewer");
        Part(keys, "key-name-field").Input("bot");
        Part(keys, "key-days").Change("0");
        Part(keys, "key-form").Submit();

        keys.WaitForAssertion(() => Assert.EndsWith("\"expires_at\":null}", Assert.Single(Api.Changes).Body, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_wrong_is_said_beside_the_field()
    {
        Api.Refuse("POST /api/account/keys/", "scopes", "scopes must name at least one.");
        var keys = RenderReady("viewer");
        Part(keys, "key-form").Submit();

        keys.WaitForAssertion(() => Assert.Equal("scopes must name at least one.", Text(Part(keys, "key-scopes"))));
        Assert.Empty(keys.FindAll("[data-testid=problem]"));
    }

    [Fact]
    public void Revoking_asks_first_and_what_is_over_cannot_be_revoked()
    {
        _keys.AddRange([Key(7, "bot"), Key(8, "old") with { ExpiresAt = Posts.Now }, Key(9, "gone") with { RevokedAt = Posts.Now.AddHours(-1) }]);
        Api.On("DELETE /api/account/keys/7/", HttpStatusCode.NoContent);
        var keys = RenderReady("viewer");
        Assert.Equal(["Good", "Expired", "Revoked 1 h ago"], keys.FindAll("[data-testid=key] .ops-status").Select(Text));
        keys.FindAll("[data-testid=revoke]").Single().Click();
        Assert.Empty(Api.Changes);
        Part(keys, "confirm-yes").Click();

        keys.WaitForAssertion(() => Assert.Equal("The key “bot” is revoked.", Text(Part(keys, "done"))));
    }

    private IRenderedComponent<OwnKeys> RenderReady(string role)
    {
        var keys = Render<OwnKeys>(parameters => parameters.Add(island => island.Role, role));
        keys.WaitForAssertion(() => Assert.Equal("ready", Part(keys, "own-keys").GetAttribute("data-state")));
        return keys;
    }

    private static ApiKeyView Key(long id, string name) => new()
    {
        Id = id,
        Name = name,
        Username = "ana",
        Hint = "sf_ab",
        Scopes = ["read"],
        CreatedAt = Posts.Now.AddDays(-1),
        ExpiresAt = Posts.Now.AddDays(30),
        LastUsedAt = null,
        RevokedAt = null,
    };
}
