using System.Globalization;

namespace SignalFlow.RedditSimulator.Http;

/// <summary>What a client has used of a window, for the x-ratelimit headers.</summary>
internal readonly record struct RateUse(int Used, int Quota, TimeSpan UntilReset)
{
    public bool Exceeded => Used > Quota;

    public int ResetSeconds => (int)Math.Ceiling(UntilReset.TotalSeconds);

    /// <param name="headers">Of the answer.</param>
    /// <param name="format">"F1" where Reddit writes "598.0", "F0" where it writes "598".</param>
    public void WriteTo(IHeaderDictionary headers, string format)
    {
        headers["x-ratelimit-remaining"] = ((double)Math.Max(0, Quota - Used)).ToString(format, CultureInfo.InvariantCulture);
        headers["x-ratelimit-used"] = Used.ToString(CultureInfo.InvariantCulture);
        headers["x-ratelimit-reset"] = ResetSeconds.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>Counts requests per client in fixed slices of time, as Reddit's old source does.</summary>
internal sealed class RateWindows(TimeProvider time, TimeSpan length, int quota)
{
    private const int PruneAbove = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Window, int Used)> _clients = [];

    public RateUse Count(string client)
    {
        var now = time.GetUtcNow().Ticks;
        var window = now / length.Ticks;
        lock (_lock)
        {
            if (_clients.Count > PruneAbove)
                Prune(window);

            var used = _clients.TryGetValue(client, out var last) && last.Window == window ? last.Used + 1 : 1;
            _clients[client] = (window, used);
            return new RateUse(used, quota, TimeSpan.FromTicks((window + 1) * length.Ticks - now));
        }
    }

    private void Prune(long window)
    {
        foreach (var client in _clients.Where(client => client.Value.Window != window).Select(client => client.Key).ToList())
            _clients.Remove(client);
    }
}
