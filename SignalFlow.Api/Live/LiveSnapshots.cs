using System.Text.Json;
using SignalFlow.Api.Posts;
using SignalFlow.Contracts;
using SignalFlow.Storage.Reading.Replicas;

namespace SignalFlow.Api.Live;

/// <summary>Reads what clients start with.</summary>
internal sealed partial class LiveSnapshots(IServiceScopeFactory scopes, TimeProvider time, ILogger<LiveSnapshots> logger) : IDisposable
{
    // Clients with many different filters that come at once must not take all connections.
    private readonly SemaphoreSlim _turn = new(4);

    /// <returns>The newest posts; null: they could not be read.</returns>
    public async Task<IReadOnlyList<LivePost>?> ReadAsync(LiveFilter filter, int count)
    {
        await _turn.WaitAsync();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            // A replica, where there is one, may be behind what was published.
            scope.ServiceProvider.GetService<ReadSession>()?.RequirePrimary();
            var page = await scope.ServiceProvider.GetRequiredService<PostQueries>().ListAsync(Posts(filter, count), CancellationToken.None);
            return [.. page!.Rows.Select(post => new LivePost(
                post, JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostView), Sequence: long.MaxValue, CommittedAt: null))];
        }
        catch (Exception exception)
        {
            // Whatever it is: those who wait for it have to be answered some time, and no request fails with it.
            LogAway(exception.GetBaseException().Message);
            return null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private PostFilter Posts(LiveFilter filter, int count) => new()
    {
        Subreddits = filter.Subreddits,
        Tiers = filter.Tiers,
        Phases = [.. filter.Phases.Select(name => SurgePhaseNames.Number(name)!.Value)],
        MinScore = filter.MinScore,
        Trending = filter.TrendingOnly ? true : null,
        Keywords = filter.Keywords,
        Sort = PostSort.New,
        PageSize = count,
        AsOf = time.GetUtcNow(),
        // One page, so no cursor has to belong to it.
        Scope = "",
    };

    [LoggerMessage(LogLevel.Warning, "A snapshot for live clients has to wait: {Reason}")]
    private partial void LogAway(string reason);
}
