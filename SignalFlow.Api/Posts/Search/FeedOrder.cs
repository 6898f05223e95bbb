using Microsoft.EntityFrameworkCore;
using SignalFlow.Storage.Reading;

namespace SignalFlow.Api.Posts.Search;

/// <summary>A post and its place in the feed, taken from the row that led to it, so that the database knows the order it comes in.</summary>
internal sealed record PlacedPost
{
    public required Post Post { get; init; }
    public required DateTime CreatedUtc { get; init; }
    public required string Id { get; init; }
}

/// <summary>The order of the feed, newest first, from a cursor on; towards its beginning where the cursor says so.</summary>
internal sealed class FeedOrder(PostCursor? cursor)
{
    public bool IsBackwards => cursor?.Backwards == true;

    public IQueryable<Post> Ordered(IQueryable<Post> posts) => IsBackwards
        ? posts.OrderBy(post => post.CreatedUtc).ThenBy(post => post.Id)
        : posts.OrderByDescending(post => post.CreatedUtc).ThenByDescending(post => post.Id);

    public IQueryable<PostNlp> Ordered(IQueryable<PostNlp> features) => IsBackwards
        ? features.OrderBy(row => row.CreatedUtc).ThenBy(row => row.PostId)
        : features.OrderByDescending(row => row.CreatedUtc).ThenByDescending(row => row.PostId);

    public IQueryable<PlacedPost> Ordered(IQueryable<PlacedPost> posts) => IsBackwards
        ? posts.OrderBy(post => post.CreatedUtc).ThenBy(post => post.Id)
        : posts.OrderByDescending(post => post.CreatedUtc).ThenByDescending(post => post.Id);

    /// <summary>The posts beyond the cursor, by a row comparison, so that one index serves the order and the start.</summary>
    public IQueryable<Post> Beyond(IQueryable<Post> posts)
    {
        if (cursor is null)
            return posts;
        var (created, id) = (cursor.Created, cursor.Id);
        return IsBackwards
            ? posts.Where(post => EF.Functions.GreaterThan(ValueTuple.Create(post.CreatedUtc, post.Id), ValueTuple.Create(created, id)))
            : posts.Where(post => EF.Functions.LessThan(ValueTuple.Create(post.CreatedUtc, post.Id), ValueTuple.Create(created, id)));
    }

    /// <inheritdoc cref="Beyond(IQueryable{Post})"/>
    public IQueryable<PostNlp> Beyond(IQueryable<PostNlp> features)
    {
        if (cursor is null)
            return features;
        var (created, id) = (cursor.Created, cursor.Id);
        return IsBackwards
            ? features.Where(row => EF.Functions.GreaterThan(ValueTuple.Create(row.CreatedUtc, row.PostId), ValueTuple.Create(created, id)))
            : features.Where(row => EF.Functions.LessThan(ValueTuple.Create(row.CreatedUtc, row.PostId), ValueTuple.Create(created, id)));
    }
}
