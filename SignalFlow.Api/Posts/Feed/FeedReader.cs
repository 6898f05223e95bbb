using Npgsql;
using SignalFlow.Api.Posts.Search;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Api.Posts.Feed;

/// <summary>
/// Reads pages of the feed, the list that everybody has open, by hand-written statements that the servers have prepared: planning a page takes longer
/// than reading it.
/// </summary>
internal sealed class FeedReader(ReadConnections connections, PreparedShapes shapes)
{
    public Task<List<PostView>> ReadAsync(PostConditions conditions, int rows, CancellationToken cancellationToken) =>
        connections.ReadAsync(ReadAsync, (Statement: new FeedStatement(conditions, rows), Rows: rows, Shapes: shapes), cancellationToken);

    private static async Task<List<PostView>> ReadAsync(
        NpgsqlConnection connection, (FeedStatement Statement, int Rows, PreparedShapes Shapes) page, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(page.Statement.Sql, connection);
        foreach (var parameter in page.Statement.Parameters)
            command.Parameters.Add(parameter);
        if (page.Shapes.IsWorthPreparing(page.Statement.Sql))
            await command.PrepareAsync(cancellationToken);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var posts = new List<PostView>(page.Rows);
        while (await reader.ReadAsync(cancellationToken))
            posts.Add(PostColumns.Read(reader));
        return posts;
    }
}
