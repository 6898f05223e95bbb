using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Web.Access;

/// <summary>
/// Token buckets by address for pages and new circuits, in this process: what visitors have the UI ask with its own key, the API does not count.
/// </summary>
internal sealed class PageLimits : IMiddleware, IDisposable
{
    // How much of a minute's requests may come at once.
    private const int BurstShare = 6;

    private readonly PartitionedRateLimiter<IPAddress>? _limiter;

    public PageLimits(IOptions<PageLimitOptions> options)
    {
        var perMinute = options.Value.AddressRequestsPerMinute;
        if (perMinute == 0)
            return;
        _limiter = PartitionedRateLimiter.Create<IPAddress, IPAddress>(address => RateLimitPartition.GetTokenBucketLimiter(address, _ => new()
        {
            TokenLimit = Math.Max(1, perMinute / BurstShare),
            // Whole tokens at a time, at most ten times a second.
            TokensPerPeriod = Math.Max(1, perMinute / 600),
            ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(0.1, 60.0 / perMinute)),
            QueueLimit = 0,
        }));
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (_limiter is null || !IsCounted(context))
        {
            await next(context);
            return;
        }

        using var lease = _limiter.AttemptAcquire(ClientAddress.Counted(context.Connection.RemoteIpAddress));
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"Too many requests of this address; try again in {wait} s.", context.RequestAborted);
    }

    public void Dispose() => _limiter?.Dispose();

    /// <summary>Not files, nor what a circuit sends once it has its id, which is good for nothing else.</summary>
    private static bool IsCounted(HttpContext context) =>
        context.GetEndpoint()?.Metadata is { } metadata
        && (metadata.GetMetadata<ComponentTypeMetadata>() is not null
            || metadata.GetMetadata<NegotiateMetadata>() is not null
            || (metadata.GetMetadata<HubMetadata>() is not null && !context.Request.Query.ContainsKey("id")));
}
