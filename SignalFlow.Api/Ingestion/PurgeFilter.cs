using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Paging;

namespace SignalFlow.Api.Ingestion;

/// <summary>The query of <c>GET /api/ingestion/purges/</c> as sent.</summary>
internal sealed record PurgeListRequest([FromQuery(Name = "page_size")] string? PageSize, [FromQuery(Name = "cursor")] string? Cursor);

/// <summary>A checked <see cref="PurgeListRequest"/>.</summary>
internal sealed record PurgeFilter(int PageSize, PurgeCursor? Cursor)
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 200;

    public static bool TryParse(
        PurgeListRequest request, CursorSeal seal, [NotNullWhen(true)] out PurgeFilter? filter, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        var size = fields.WholeNumber("page_size", request.PageSize, 1, MaxPageSize, DefaultPageSize);
        var cursor = fields.Cursor(request.Cursor, text => PurgeCursor.TryDecode(seal, text));
        errors = fields.Errors;
        filter = errors.Count == 0 ? new(size, cursor) : null;
        return filter is not null;
    }
}
