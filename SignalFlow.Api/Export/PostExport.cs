using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Paging;
using SignalFlow.Api.Posts;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Export;

/// <summary>
/// A whole list, read page by page along its key: memory holds one page, no transaction stays open while a client is slow, and each page may
/// come from another server.
/// </summary>
internal sealed class PostExport(PostQueries posts, IOptions<ExportOptions> options)
{
    private const int PageSize = 1_000;

    /// <summary>Lists by a value are sorted anew for every page.</summary>
    private const int ValuePageSize = 5_000;

    public int MaxRows { get; } = options.Value.MaxRows;

    /// <returns>Null: the filter's search names nothing to search for.</returns>
    public async Task<ExportRows?> BeginAsync(PostFilter filter, CancellationToken cancellationToken)
    {
        filter = filter with { PageSize = Math.Min(MaxRows, filter.Sort is PostSort.New or PostSort.Relevance ? PageSize : ValuePageSize) };
        return await posts.ListAsync(filter, cancellationToken) is { } first ? new(this, filter, first, MaxRows) : null;
    }

    internal async IAsyncEnumerable<IReadOnlyList<PostView>> PagesAsync(
        PostFilter filter, KeysetPage<PostView, PostCursor> first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var page = first; ;)
        {
            yield return page.Rows;
            if (page.Next is null || await posts.ListAsync(filter with { Cursor = page.Next, AsOf = page.Next.AsOf }, cancellationToken) is not { } next)
                yield break;
            page = next;
        }
    }
}

/// <summary>The rows of an export that has begun.</summary>
internal sealed class ExportRows(PostExport export, PostFilter filter, KeysetPage<PostView, PostCursor> first, int maxRows)
{
    /// <summary>Known at the end: there was more than the limit lets out.</summary>
    public bool IsCut { get; private set; }

    public async IAsyncEnumerable<IReadOnlyList<PostView>> PagesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = maxRows;
        await foreach (var page in export.PagesAsync(filter, first, cancellationToken))
        {
            if (left == 0)
            {
                IsCut = page.Count > 0;
                yield break;
            }

            IsCut = page.Count > left;
            yield return IsCut ? [.. page.Take(left)] : page;
            if (IsCut)
                yield break;
            left -= page.Count;
        }
    }
}
