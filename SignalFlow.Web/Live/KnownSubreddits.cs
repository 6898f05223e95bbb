using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>The names of all watched subreddits, for suggestions; asked for at most once a minute, by one caller for all.</summary>
internal sealed class KnownSubreddits(IHttpClientFactory clients, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private readonly ApiClient _api = new(clients);
    private readonly SemaphoreSlim _asking = new(1, 1);
    private IReadOnlyList<string> _names = [];
    private long? _askedAt;

    /// <summary>Suggestions are no reason for an error: when the API is away, what was last known.</summary>
    public async Task<IReadOnlyList<string>> GetAsync()
    {
        await _asking.WaitAsync();
        try
        {
            if (_askedAt is { } at && time.GetElapsedTime(at) < Freshness)
                return _names;
            _askedAt = time.GetTimestamp();
            _names = Names(await _api.GetSubredditsAsync(CancellationToken.None));
        }
        catch (Exception exception) when (ApiClient.IsAway(exception))
        {
            // The client has logged it.
        }
        finally
        {
            _asking.Release();
        }

        return _names;
    }

    public void Dispose() => _asking.Dispose();

    private static List<string> Names(SubredditStatusList list) =>
        [.. list.Results.Where(subreddit => subreddit.IsActive).Select(subreddit => subreddit.Name).Order(StringComparer.OrdinalIgnoreCase)];
}
