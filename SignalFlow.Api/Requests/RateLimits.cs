using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Access.Keys;

namespace SignalFlow.Api.Requests;

/// <summary>Marks endpoints that take passwords and tokens: they have a smaller limit of their own.</summary>
/// <param name="IsOfUser">It needs a login, and counts for that: all users of the UI come from the UI's address.</param>
internal sealed record SignInEndpoint(bool IsOfUser = false);

/// <summary>
/// Token buckets by API key, user or address, in this process. Every answer says what is left in the header fields of the IETF draft
/// draft-ietf-httpapi-ratelimit-headers (version 06): <c>RateLimit-Limit</c>, <c>RateLimit-Remaining</c>, <c>RateLimit-Reset</c>.
/// </summary>
internal sealed class RateLimits : IMiddleware, IDisposable
{
    // How much of a minute's requests may come at once.
    private const int BurstShare = 6;

    private readonly RequestOptions _options;
    private readonly IProblemDetailsService _problems;
    private readonly RequestMetrics _metrics;
    private readonly PartitionedRateLimiter<Limit> _limiter;

    public RateLimits(IOptions<RequestOptions> options, IProblemDetailsService problems, RequestMetrics metrics)
    {
        _options = options.Value;
        _problems = problems;
        _metrics = metrics;
        _limiter = PartitionedRateLimiter.Create<Limit, string>(limit => RateLimitPartition.GetTokenBucketLimiter(limit.Name, _ => new()
        {
            TokenLimit = limit.Burst,
            TokensPerPeriod = limit.PerPeriod,
            ReplenishmentPeriod = limit.Period,
            QueueLimit = 0,
        }));
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<TooManyUnknownKeys>() is not null)
        {
            await RefuseAsync(context, "address", 1, "Too many unknown keys of this address");
            return;
        }

        if (LimitOf(context) is not { } limit)
        {
            await next(context);
            return;
        }

        using var lease = _limiter.AttemptAcquire(limit);
        var remaining = _limiter.GetStatistics(limit)?.CurrentAvailablePermits ?? 0;
        var headers = context.Response.Headers;
        headers["RateLimit-Limit"] = limit.Burst.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = remaining.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = limit.SecondsUntilFull(remaining).ToString(CultureInfo.InvariantCulture);
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        await RefuseAsync(context, limit.Kind, wait, $"Too many requests of this {limit.Kind}");
    }

    public void Dispose() => _limiter.Dispose();

    private async Task RefuseAsync(HttpContext context, string kind, int wait, string reason)
    {
        _metrics.Limited(kind);
        context.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        await _problems.WriteAsync(new()
        {
            HttpContext = context,
            ProblemDetails = { Status = StatusCodes.Status429TooManyRequests, Detail = $"{reason}; try again in {wait} s." },
        });
    }

    private Limit? LimitOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<SignInEndpoint>() is { IsOfUser: var isOfUser }
        ? Limit.Of(CountedCaller.OfSignIn(context, isOfUser, _options), burstShare: 1)
        : Limit.Of(CountedCaller.Of(context, _options), BurstShare);

    private sealed record Limit(string Kind, string Name, int PerMinute, int Burst)
    {
        // Whole tokens at a time, at most ten times a second.
        public TimeSpan Period { get; } = TimeSpan.FromSeconds(Math.Max(0.1, 60.0 / PerMinute));

        public int PerPeriod => Math.Max(1, PerMinute / 600);

        public static Limit? Of(CountedCaller? caller, int burstShare) => caller is { Kind: var kind, Name: var name, PerMinute: > 0 and var perMinute }
            ? new(kind, name, perMinute, Math.Max(1, perMinute / burstShare))
            : null;

        public int SecondsUntilFull(long remaining) => (int)Math.Ceiling((Burst - remaining) * 60.0 / PerMinute);
    }
}
