using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;

namespace SignalFlow.Tests.Web;

public sealed class AuditLogTests
{
    [Fact]
    public void Of_a_change_only_the_fields_that_differ_are_shown() => Assert.Equal(
        [new("interval seconds", "none", "60"), new("is active", "yes", "no")],
        Changes("""{"name":"rust","interval_seconds":null,"is_active":true}""", """{"name":"rust","interval_seconds":60,"is_active":false}"""));

    [Fact]
    public void What_was_added_or_deleted_is_shown_as_a_whole()
    {
        Assert.Equal([new("name", null, "bot"), new("scopes", null, "read, live")], Changes(null, """{"name":"bot","scopes":["read","live"]}"""));
        Assert.Equal([new("role", "viewer", null)], Changes("""{"role":"viewer"}""", null));
    }

    [Fact]
    public void A_field_that_is_on_one_side_only_came_or_went() => Assert.Equal(
        [new("a", "1", "none"), new("b", "none", "2")], Changes("""{"a":1}""", """{"b":2}"""));

    [Theory]
    [InlineData(null, null)]
    [InlineData("null", "null")]
    [InlineData("""{"a":[1,{"b":2}]}""", """{"a":[1,{"b":2}]}""")]
    public void Without_a_difference_there_is_none(string? old, string? @new) => Assert.Empty(Changes(old, @new));

    [Fact]
    public void The_filter_of_the_page_is_that_of_the_api_and_stays_from_page_to_page()
    {
        var filter = AuditFilter.FromUri("http://localhost/admin/audit?actor=%20ana%20&from=2026-03-01&to=&target=");

        Assert.Equal(new AuditFilter("ana", null, null, "2026-03-01", null, null), filter);
        Assert.Equal("2026-03-01", filter.Query()["start"]);
        Assert.Equal(
            "/admin/audit?actor=ana&from=2026-03-01&cursor=f17",
            filter.At("https://elsewhere/api/admin/audit/?actor=ana&start=2026-03-01&cursor=f17"));
        Assert.Equal("/admin/audit?actor=ana&from=2026-03-01&cursor=b9", filter.At("/api/admin/audit/?cursor=b9"));
        Assert.Null(filter.At(null));
    }

    private static IReadOnlyList<AuditChange> Changes(string? old, string? @new) => AuditChange.Of(new AuditView
    {
        Id = 1,
        At = Posts.Now,
        Actor = "ana",
        Action = "subreddit.change",
        Target = "subreddit:rust",
        Old = old is null ? null : JsonElement.Parse(old),
        New = @new is null ? null : JsonElement.Parse(@new),
        Address = null,
    });
}
