using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace SignalFlow.Api.Requests;

/// <summary>Marks endpoints that are not for answers in a moment: they have places of their own.</summary>
internal sealed record ExportEndpoint;

/// <summary>Marks endpoints that hold no connection to the database while they last, or are asked when nothing else answers: they need no place.</summary>
internal sealed record PlacelessEndpoint;

/// <summary>
/// How many requests are answered at a time, in this process. A rate alone does not protect the database's connections: a request may hold one for as
/// long as it may last, and whoever asks a hundred slow questions would hold them all. So each caller has a few places, and all of them together
/// fewer than there are connections: sign-ins, live streams and health find one.
/// </summary>
internal sealed class RequestPlaces : IMiddleware, IDisposable
{
    private const int WaitingInAll = 100;
    private const string CallerRetryAfter = "1";
    private const string ServerRetryAfter = "5";

    private readonly RequestOptions _options;
    private readonly IProblemDetailsService _problems;
    private readonly RequestMetrics _metrics;
    private readonly Places _requests;
    private readonly Places _exports;

    public RequestPlaces(IOptions<RequestOptions> options, NpgsqlDataSource database, IProblemDetailsService problems, RequestMetrics metrics)
    {
        _options = options.Value;
        _problems = problems;
        _metrics = metrics;
        var connections = new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize;
        var inAll = _options.RequestsAtOnce > 0 ? _options.RequestsAtOnce : Math.Max(1, connections * 3 / 4);
        _requests = new(_options.CallerRequestsAtOnce, _options.CallerRequestsWaiting, inAll, WaitingInAll);
        // An export has a connection for a page at a time, and lasts as long as its reader is slow: none waits for another's end.
        _exports = new(_options.CallerExportsAtOnce, 0, Math.Max(2, connections / 8), 0);
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata is not { } metadata
            || metadata.GetMetadata<PlacelessEndpoint>() is not null || metadata.GetMetadata<SignInEndpoint>() is not null)
        {
            await next(context);
            return;
        }

        var places = metadata.GetMetadata<ExportEndpoint>() is null ? _requests : _exports;
        var caller = CountedCaller.OfPlaces(context, _options);
        // Whoever may ask as often as they like may do so at a time, too.
        using var own = caller is { PerMinute: > 0 } ? await places.OfCallers.AcquireAsync(caller.Name, 1, context.RequestAborted) : null;
        if (own is { IsAcquired: false })
        {
            await RefuseAsync(
                context, caller!.Kind, StatusCodes.Status429TooManyRequests, CallerRetryAfter,
                $"Too many requests of this {caller.Kind} at a time; wait for an answer first.");
            return;
        }

        // Only after one's own: a caller takes no more places in the common queue than it has.
        using var common = await places.OfAll.AcquireAsync(1, context.RequestAborted);
        if (!common.IsAcquired)
        {
            await RefuseAsync(
                context, "server", StatusCodes.Status503ServiceUnavailable, ServerRetryAfter,
                "This server answers as many requests as it can at a time; try again later.");
            return;
        }

        await next(context);
    }

    public void Dispose()
    {
        _requests.Dispose();
        _exports.Dispose();
    }

    private async Task RefuseAsync(HttpContext context, string kind, int status, string retryAfter, string detail)
    {
        _metrics.Limited(kind);
        context.Response.Headers.RetryAfter = retryAfter;
        context.Response.StatusCode = status;
        await _problems.WriteAsync(new() { HttpContext = context, ProblemDetails = { Status = status, Detail = detail } });
    }

    private sealed class Places(int ofCaller, int waitingOfCaller, int inAll, int waitingInAll) : IDisposable
    {
        public PartitionedRateLimiter<string> OfCallers { get; } = PartitionedRateLimiter.Create<string, string>(caller => ofCaller == 0
            ? RateLimitPartition.GetNoLimiter(caller)
            : RateLimitPartition.GetConcurrencyLimiter(caller, _ => new() { PermitLimit = ofCaller, QueueLimit = waitingOfCaller }));

        public ConcurrencyLimiter OfAll { get; } = new(new() { PermitLimit = inAll, QueueLimit = waitingInAll });

        public void Dispose()
        {
            OfCallers.Dispose();
            OfAll.Dispose();
        }
    }
}
