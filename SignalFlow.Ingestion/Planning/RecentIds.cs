namespace SignalFlow.Ingestion.Planning;

/// <summary>
/// The ids that a listing has shown lately, at least <paramref name="capacity"/> and at most twice as many: two generations, of
/// which the older one is forgotten when the younger one is full.
/// </summary>
internal sealed class RecentIds(int capacity)
{
    private HashSet<string> _young = [];
    private HashSet<string> _old = [];

    public bool Contains(string id) => _young.Contains(id) || _old.Contains(id);

    /// <summary>Adds <paramref name="id"/>, or keeps it from being forgotten.</summary>
    public void Add(string id)
    {
        if (_young.Count >= capacity && !_young.Contains(id))
            (_young, _old) = ([], _young);
        _young.Add(id);
    }
}
