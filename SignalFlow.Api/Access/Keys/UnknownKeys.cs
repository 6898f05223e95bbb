using System.Net;
using System.Threading.RateLimiting;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Api.Access.Keys;

/// <summary>An address has asked about too many unknown keys; tells the limits to refuse the request.</summary>
internal sealed record TooManyUnknownKeys;

/// <summary>
/// How many keys that are not known here an address may ask the database about, in this process: each is a query before any other limit. A key that was
/// good before is asked about all the same, so who guesses locks out nobody beside.
/// </summary>
internal sealed class UnknownKeys : IDisposable
{
    private const int AtOnce = 60;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address =>
        RateLimitPartition.GetTokenBucketLimiter(
            address, _ => new() { TokenLimit = AtOnce, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromSeconds(1) }));

    /// <param name="address">Of the connection.</param>
    public bool MayAsk(IPAddress? address)
    {
        using var lease = _limiter.AttemptAcquire(ClientAddress.Counted(address));
        return lease.IsAcquired;
    }

    public void Dispose() => _limiter.Dispose();
}
