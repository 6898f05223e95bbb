using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Api.Posts;

namespace SignalFlow.Api.Access.Searches;

/// <summary>A query string as it is saved.</summary>
internal static class SavedQuery
{
    /// <summary>The whole list that it asks for.</summary>
    public static PostListRequest Request(string query)
    {
        var values = QueryHelpers.ParseQuery(query);
        return new(
            Value("subreddit"), Value("author"), Value("flair"), Value("trending"), Value("over_18"), Value("phase"),
            Value("min_score"), Value("max_score"), Value("sentiment"), Value("min_sentiment"), Value("max_sentiment"),
            Value("keyword"), Value("q"), Value("start"), Value("end"), Value("sort"), PageSize: null, Cursor: null);

        string? Value(string name) => values.TryGetValue(name, out var found) ? found.ToString() : null;
    }
}
