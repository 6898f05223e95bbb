using Microsoft.AspNetCore.WebUtilities;

namespace SignalFlow.Web.Components.Admin;

/// <summary>Which entries of the audit log to show. Lives in the address of the page.</summary>
internal sealed record AuditFilter(string? Actor, string? Action, string? Target, string? From, string? To, string? Cursor)
{
    public const string Path = "/admin/audit";

    public bool IsEmpty => new[] { Actor, Action, Target, From, To }.All(string.IsNullOrEmpty);

    public static AuditFilter FromUri(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        return new(Text("actor"), Text("action"), Text("target"), Text("from"), Text("to"), Text("cursor"));

        string? Text(string name) => query.TryGetValue(name, out var value) && value.ToString().Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>As the API names it.</summary>
    public Dictionary<string, string?> Query() => new()
    {
        ["actor"] = Actor,
        ["action"] = Action,
        ["target"] = Target,
        ["start"] = From,
        ["end"] = To,
        ["cursor"] = Cursor,
    };

    /// <summary>The page that a link of the API leads to, under the same filter.</summary>
    /// <param name="link">Null: there is none.</param>
    public string? At(string? link)
    {
        if (link is null)
            return null;
        var cursor = QueryHelpers.ParseQuery(new Uri(new("http://api"), link).Query)["cursor"].ToString();
        return (this with { Cursor = cursor }).ToUri();
    }

    public string ToUri() => QueryHelpers.AddQueryString(Path, new Dictionary<string, string?>
    {
        ["actor"] = Actor,
        ["action"] = Action,
        ["target"] = Target,
        ["from"] = From,
        ["to"] = To,
        ["cursor"] = Cursor,
    });
}
