using System.Collections.Concurrent;

namespace SignalFlow.Api.Posts.Feed;

/// <summary>
/// Which statements are prepared on every connection that meets them. A prepared statement stays as long as its connection, so only those are that
/// come again, and no more than a connection can hold without noticing.
/// </summary>
internal sealed class PreparedShapes
{
    private const int MostPrepared = 64;
    private const int MostCounted = 1_024;
    private const int Often = 3;

    private readonly ConcurrentDictionary<string, bool> _prepared = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _seen = new(StringComparer.Ordinal);

    public bool IsWorthPreparing(string sql)
    {
        if (_prepared.ContainsKey(sql))
            return true;
        if (_seen.Count >= MostCounted)
            _seen.Clear();
        if (_seen.AddOrUpdate(sql, 1, (_, times) => times + 1) < Often || _prepared.Count >= MostPrepared)
            return false;
        _seen.TryRemove(sql, out _);
        _prepared.TryAdd(sql, true);
        return true;
    }
}
