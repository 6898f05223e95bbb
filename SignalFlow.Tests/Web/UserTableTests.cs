using System.Net;
using Bunit;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;

namespace SignalFlow.Tests.Web;

public sealed class UserTableTests : AdminContext
{
    private readonly List<UserView> _users = [User("ana", "admin"), User("ben", "viewer")];

    public UserTableTests() => Api.On("GET /api/admin/users/", ContractsJsonContext.Default.UserList, () => new([.. _users]));

    [Fact]
    public void A_generated_password_is_shown_once_with_the_user_it_is_for()
    {
        Api.On("POST /api/admin/users/", ContractsJsonContext.Default.UserView, () =>
        {
            _users.Add(User("cleo", "analyst"));
            return _users[^1];
        });
        Browser.Setup<bool>("copy", _ => true).SetResult(true);
        var table = RenderReady();
        Part(table, "user-name-field").Input("cleo");
        Part(table, "user-role-field").Change("analyst");
        Part(table, "user-password-generate").Click();
        Assert.Equal("text", Part(table, "user-password").GetAttribute("type"));
        var password = Part(table, "user-password").GetAttribute("value")!;
        Part(table, "user-form").Submit();

        table.WaitForAssertion(() => Assert.Equal("cleo is added.", Text(Part(table, "done"))));
        Assert.Equal(NewPassword.Length, password.Length);
        Assert.Equal(password, Part(table, "secret-text").GetAttribute("value"));
        Assert.Equal($$"""{"username":"cleo","role":"analyst","password":"{{password}}"}""", Assert.Single(Api.Changes).Body);
        Part(table, "copy").Click();
        table.WaitForAssertion(() => Assert.Equal("Copied.", Text(Part(table, "copied"))));
        Part(table, "secret-close").Click();
        Assert.DoesNotContain(password, table.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_a_new_user_is_said_beside_the_field()
    {
        Api.Refuse("POST /api/admin/users/", "password", "password must have 12 to 256 characters.");
        var table = RenderReady();
        Part(table, "user-name-field").Input("cleo");
        Part(table, "user-password").Input("short");
        Part(table, "user-form").Submit();

        table.WaitForAssertion(() => Assert.Equal("password must have 12 to 256 characters.", Text(Part(table, "user-password-problem"))));
        Assert.Equal("cleo", Part(table, "user-name-field").GetAttribute("value"));
        Assert.Empty(table.FindAll("[data-testid=secret]"));
        Assert.False(Part(table, "user-add").HasAttribute("disabled"));
    }

    [Fact]
    public void A_user_that_cannot_be_added_now_can_be_added_later()
    {
        var table = RenderReady();
        Api.IsAway = true;
        Part(table, "user-name-field").Input("cleo");
        Part(table, "user-form").Submit();

        table.WaitForAssertion(() => Assert.Equal("The API does not answer.", Text(Part(table, "problem"))));
        Assert.False(Part(table, "user-add").HasAttribute("disabled"));
        Assert.Equal("cleo", Part(table, "user-name-field").GetAttribute("value"));
    }

    [Fact]
    public void One_cannot_delete_or_deactivate_oneself()
    {
        var table = RenderReady();
        Open(table, "ana");
        Assert.Empty(table.FindAll("[data-testid=user-delete], [data-testid=deactivate]"));
        Open(table, "ben");
        Assert.Equal(2, table.FindAll("[data-testid=user-delete], [data-testid=deactivate]").Count);
    }

    [Fact]
    public void That_the_last_administrator_must_stay_is_said_in_words()
    {
        Api.On(
            $"PATCH /api/admin/users/{_users[0].Id}/", HttpStatusCode.Conflict,
            """{"title":"Conflict","detail":"There must be an active administrator left."}""");
        var table = RenderReady();
        Open(table, "ana");
        Assert.True(Part(table, "role-save").HasAttribute("disabled"));
        Part(table, "role").Change("viewer");
        table.Find("[data-testid=user-editor] form").Submit();

        table.WaitForAssertion(() => Assert.Equal("There must be an active administrator left.", Text(Part(table, "problem"))));
        Assert.Equal("""{"role":"viewer","is_active":null,"password":null}""", Api.Changes[0].Body);
    }

    [Fact]
    public void Deleting_asks_first()
    {
        Api.On($"DELETE /api/admin/users/{_users[1].Id}/", HttpStatusCode.NoContent);
        var table = RenderReady();
        Open(table, "ben");
        Part(table, "user-delete").Click();
        Assert.Empty(Api.Changes);
        Assert.Contains("Delete ben and all keys of ben?", Text(Part(table, "confirm")), StringComparison.Ordinal);
        _users.RemoveAt(1);
        Part(table, "confirm-yes").Click();

        table.WaitForAssertion(() => Assert.Single(table.FindAll("[data-testid=user]")));
        Assert.Equal("ben is deleted, with all API keys.", Text(Part(table, "done")));
    }

    [Fact]
    public void A_lock_and_a_deactivation_are_told_in_words()
    {
        _users[0] = _users[0] with { LockedUntil = Posts.Now.AddMinutes(15) };
        _users[1] = _users[1] with { IsActive = false };
        var rows = RenderReady().FindAll("[data-testid=user]");

        Assert.Contains("Locked, ends in 15 min", Text(rows[0]), StringComparison.Ordinal);
        Assert.Contains("Deactivated", Text(rows[1]), StringComparison.Ordinal);
    }

    private IRenderedComponent<UserTable> RenderReady()
    {
        var table = Render<UserTable>(parameters => parameters.Add(island => island.Me, "ana"));
        table.WaitForAssertion(() => Assert.Equal("ready", Part(table, "users").GetAttribute("data-state")));
        return table;
    }

    private static void Open(IRenderedComponent<UserTable> table, string name) => table.Find($"[data-name={name}] [data-testid=user-change]").Click();

    private static UserView User(string name, string role) => new()
    {
        Id = Guid.NewGuid(),
        Username = name,
        Role = role,
        IsActive = true,
        LockedUntil = null,
        CreatedAt = Posts.Now.AddDays(-9),
        SignedInAt = null,
    };
}
