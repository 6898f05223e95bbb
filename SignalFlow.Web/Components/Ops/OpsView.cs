using Microsoft.AspNetCore.WebUtilities;

namespace SignalFlow.Web.Components.Ops;

/// <summary>A part of the page with an address of its own.</summary>
internal sealed record OpsView(string Name, string Title)
{
    public static readonly OpsView Overview = new("", "Overview");
    public static readonly OpsView DeadLetters = new("dead-letters", "Dead letters");
    public static readonly OpsView Storage = new("storage", "Storage");

    public static readonly IReadOnlyList<OpsView> All = [Overview, DeadLetters, Storage];

    public string Address => Name.Length == 0 ? "/ops" : QueryHelpers.AddQueryString("/ops", "view", Name);

    public static OpsView FromUri(string uri) =>
        QueryHelpers.ParseQuery(new Uri(uri).Query).TryGetValue("view", out var name) ? All.FirstOrDefault(view => view.Name == name) ?? Overview : Overview;
}
