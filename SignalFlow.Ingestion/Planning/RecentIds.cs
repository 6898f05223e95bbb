namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// Posts that are known but not refreshed (too old, or purged) and when they were first seen; at least <paramref name="capacity"/> and at
/// most twice as many: two generations, of which the older one is forgotten when the younger one is full.
/// </summary>
internal sealed class RecentIds(int capacity)
{
    private Dictionary<string, DateTimeOffset> _young = [];
    private Dictionary<string, DateTimeOffset> _old = [];

    public DateTimeOffset? FirstSeen(string id) =>
        _young.TryGetValue(id, out var at) || _old.TryGetValue(id, out at) ? at : null;

    /// <summary>Adds <paramref name="id"/>, or keeps it from being forgotten; what is remembered of it stays.</summary>
    public void Add(string id, DateTimeOffset firstSeen)
    {
        if (_young.ContainsKey(id))
            return;
        if (_old.TryGetValue(id, out var before))
            firstSeen = before;
        if (_young.Count >= capacity)
            (_young, _old) = ([], _young);
        _young.Add(id, firstSeen);
    }
}
