using Microsoft.AspNetCore.WebUtilities;

namespace SignalFlow.Web.Components.Search;

/// <summary>A search as it stands in the address: the API's own parameters, which it also checks.</summary>
public sealed record SearchRequest
{
    public string Q { get; init; } = "";
    public string Subreddit { get; init; } = "";
    public string Keyword { get; init; } = "";
    public string Author { get; init; } = "";
    public string Sentiment { get; init; } = "";
    public string MinScore { get; init; } = "";
    public string Start { get; init; } = "";
    public string End { get; init; } = "";
    public string Sort { get; init; } = "";
    public string Cursor { get; init; } = "";

    /// <summary>Nothing was asked for.</summary>
    public bool IsEmpty => ToQuery(withCursor: false).Length == 0;

    /// <summary>With its <c>?</c>; empty for an empty search.</summary>
    public string ToQuery(bool withCursor = true) => QueryHelpers.AddQueryString("", new Dictionary<string, string?>
    {
        ["q"] = Q,
        ["subreddit"] = Subreddit,
        ["keyword"] = Keyword,
        ["author"] = Author,
        ["sentiment"] = Sentiment,
        ["min_score"] = MinScore,
        ["start"] = Start,
        ["end"] = End,
        // The cursor carries it.
        ["sort"] = withCursor && Cursor.Length > 0 ? "" : Sort,
        ["cursor"] = withCursor ? Cursor : "",
    }.Where(pair => !string.IsNullOrEmpty(pair.Value)));

    /// <summary>The same search at the page that the API names.</summary>
    /// <returns>Null: there is none.</returns>
    public string? AddressOf(string? page)
    {
        if (page is null || !Uri.TryCreate(page, UriKind.Absolute, out var address))
            return null;
        var cursor = QueryHelpers.ParseQuery(address.Query)["cursor"].ToString();
        return "search" + QueryHelpers.AddQueryString((this with { Cursor = "" }).ToQuery(), "cursor", cursor);
    }
}
