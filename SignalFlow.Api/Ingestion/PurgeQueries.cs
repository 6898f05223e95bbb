using Microsoft.EntityFrameworkCore;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Ingestion;

/// <summary>Reads which posts were purged. The list walks the index on (purged_at, id) of the purged posts, the totals count it.</summary>
internal sealed class PurgeQueries(SignalFlowDbContext database, TimeProvider time)
{
    private IQueryable<Post> Purged => database.Posts.Where(post => post.PurgedAt != null);

    public async Task<KeysetPage<PurgeView, PurgeCursor>> ListAsync(PurgeFilter filter, CancellationToken cancellationToken)
    {
        var backwards = filter.Cursor?.Backwards == true;
        // One row more than asked for tells whether there is another page.
        var rows = await Order(filter.Cursor, backwards)
            .Take(filter.PageSize + 1)
            .Select(post => new PurgeView
            {
                Id = post.Id,
                Subreddit = post.Subreddit.Name,
                Reason = post.PurgeReason!,
                PurgedAt = post.PurgedAt!.Value,
                CreatedUtc = post.CreatedUtc,
                FirstSeenAt = post.FirstSeenAt,
            })
            .TagWith("ingestion: purges")
            .ToListAsync(cancellationToken);

        return KeysetPage<PurgeView, PurgeCursor>.Of(rows, filter.PageSize, filter.Cursor is null, backwards, CursorAt);
    }

    public async Task<PurgeSummary> SummaryAsync(CancellationToken cancellationToken)
    {
        var dayAgo = time.GetUtcNow().AddDays(-1).UtcDateTime;
        var reasons = await Purged
            .GroupBy(post => post.PurgeReason!)
            .Select(reason => new { Reason = reason.Key, Total = reason.LongCount(), LastDay = reason.LongCount(post => post.PurgedAt > dayAgo) })
            .OrderByDescending(reason => reason.Total).ThenBy(reason => reason.Reason)
            .Select(reason => new PurgeReasonCount(reason.Reason, reason.Total, reason.LastDay))
            .TagWith("ingestion: purge totals")
            .ToListAsync(cancellationToken);
        return new() { Total = reasons.Sum(reason => reason.Total), LastDay = reasons.Sum(reason => reason.LastDay), Reasons = reasons };
    }

    private IQueryable<Post> Order(PurgeCursor? cursor, bool backwards)
    {
        var posts = Purged;
        if (cursor is not null)
        {
            posts = backwards
                ? posts.Where(post => EF.Functions.GreaterThan(
                    ValueTuple.Create(post.PurgedAt!.Value, post.Id), ValueTuple.Create(cursor.PurgedAt, cursor.Id)))
                : posts.Where(post => EF.Functions.LessThan(
                    ValueTuple.Create(post.PurgedAt!.Value, post.Id), ValueTuple.Create(cursor.PurgedAt, cursor.Id)));
        }

        return backwards
            ? posts.OrderBy(post => post.PurgedAt).ThenBy(post => post.Id)
            : posts.OrderByDescending(post => post.PurgedAt).ThenByDescending(post => post.Id);
    }

    private static PurgeCursor CursorAt(PurgeView purge, bool backwards) => new(backwards, purge.PurgedAt.UtcDateTime, purge.Id);
}
