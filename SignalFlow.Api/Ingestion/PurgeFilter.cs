using System.Diagnostics.CodeAnalysis;
using System.Globalization;
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
        errors = [];
        var size = DefaultPageSize;
        if (!string.IsNullOrEmpty(request.PageSize)
            && !(int.TryParse(request.PageSize, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size is >= 1 and <= MaxPageSize))
            errors["page_size"] = [$"page_size must be a whole number from 1 to {MaxPageSize}."];
        PurgeCursor? cursor = null;
        if (!string.IsNullOrEmpty(request.Cursor) && (cursor = PurgeCursor.TryDecode(seal, request.Cursor)) is null)
            errors["cursor"] = [CursorSeal.Refusal];
        filter = errors.Count == 0 ? new(size, cursor) : null;
        return filter is not null;
    }
}
