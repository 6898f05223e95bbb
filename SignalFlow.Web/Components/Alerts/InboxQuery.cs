using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>Which alerts the inbox shows. Lives in the address of the page.</summary>
/// <param name="All">Also those that were taken note of.</param>
/// <param name="Rule">Null: of all rules.</param>
/// <param name="Cursor">Of the API: where the page begins; empty: at the newest.</param>
internal sealed record InboxQuery(bool All = false, long? Rule = null, string Cursor = "")
{
    public static InboxQuery FromUri(string uri)
    {
        var query = QueryHelpers.ParseQuery(new Uri(uri).Query);
        string Text(string name) => query.TryGetValue(name, out var value) ? value.ToString() : "";
        return new(
            Text("state") == "all",
            long.TryParse(Text("rule"), NumberStyles.None, CultureInfo.InvariantCulture, out var rule) ? rule : null,
            Text("cursor"));
    }

    /// <summary>The relative address of the page.</summary>
    public string ToUri() => ApiClient.Address(
        "/alerts", ("state", All ? "all" : null), ("rule", Rule?.ToString(CultureInfo.InvariantCulture)), ("cursor", Cursor));

    /// <summary>The same list at a page that the API names; null: there is none.</summary>
    public InboxQuery? At(string? page) =>
        page is not null && Uri.TryCreate(ApiClient.ServiceAddress, page, out var address)
        && QueryHelpers.ParseQuery(address.Query).TryGetValue("cursor", out var cursor) ? this with { Cursor = cursor.ToString() } : null;
}
