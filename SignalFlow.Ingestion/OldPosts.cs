using Microsoft.Extensions.Options;
using SignalFlow.Ingestion.Planning;
using SignalFlow.Storage.Ingestion;

namespace SignalFlow.Ingestion;

/// <summary>Reads the posts that the sweep looks at.</summary>
internal sealed class OldPosts(IngestionStateStore store, IOptions<IngestionOptions> options)
{
    private const int PageSize = 2_000;

    /// <inheritdoc cref="OldPostLookup"/>
    public async Task<(IReadOnlyList<OldPost> Posts, SweepCursor? Reached)> LoadAsync(SweepLoad load, CancellationToken cancellationToken)
    {
        var posts = await store.LoadOldAsync(load.After, load.CreatedBefore, PageSize, cancellationToken);
        var mine = posts
            .Where(post => Shards.Of(post.Subreddit, options.Value.ShardCount) == options.Value.ShardId)
            .Select(post => new OldPost(post.Id, post.Subreddit, post.CreatedUtc, post.Score, post.Comments))
            .ToList();
        return (mine, posts is [.., var last] ? new SweepCursor(last.CreatedUtc, last.Id) : null);
    }
}
