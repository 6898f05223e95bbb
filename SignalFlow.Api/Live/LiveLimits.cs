namespace SignalFlow.Api.Live;

/// <summary>How many connections there are, in all and by user and address.</summary>
internal sealed class LiveLimits(LiveOptions options, LiveMetrics metrics)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = [];
    private int _total;

    /// <returns>Null: a limit is reached, which <paramref name="reason"/> names.</returns>
    public Place? TryEnter(string? user, string? address, out string reason)
    {
        // One is no name of the other.
        var (userKey, addressKey) = (user is null ? null : $"user {user}", address is null ? null : $"address {address}");
        lock (_lock)
        {
            reason = _total >= options.MaxConnections ? "total"
                : Count(userKey) >= options.MaxConnectionsPerUser ? "user"
                : Count(addressKey) >= options.MaxConnectionsPerAddress ? "address"
                : "";
            if (reason.Length == 0)
            {
                _total++;
                Add(userKey, 1);
                Add(addressKey, 1);
                return new(this, userKey, addressKey);
            }
        }

        metrics.Refused(reason);
        return null;
    }

    private int Count(string? key) => key is null ? 0 : _counts.GetValueOrDefault(key);

    private void Add(string? key, int change)
    {
        if (key is null)
            return;
        var count = Count(key) + change;
        if (count == 0)
            _counts.Remove(key);
        else
            _counts[key] = count;
    }

    public sealed class Place(LiveLimits limits, string? user, string? address) : IDisposable
    {
        private bool _isLeft;

        public void Dispose()
        {
            lock (limits._lock)
            {
                if (_isLeft)
                    return;
                _isLeft = true;
                limits._total--;
                limits.Add(user, -1);
                limits.Add(address, -1);
            }
        }
    }
}
