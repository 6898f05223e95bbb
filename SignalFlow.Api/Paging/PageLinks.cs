using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace SignalFlow.Api.Paging;

/// <summary>The address of another page: this request's own, with another cursor.</summary>
internal static class PageLinks
{
    public static string? For(HttpRequest request, string? cursor)
    {
        if (cursor is null)
            return null;
        var query = QueryHelpers.ParseQuery(request.QueryString.Value);
        query["cursor"] = cursor;
        return UriHelper.BuildAbsolute(request.Scheme, request.Host, request.PathBase, request.Path, QueryString.Create(query));
    }
}
