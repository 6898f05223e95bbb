using SignalFlow.Api.Access;

namespace SignalFlow.Api.Requests;

/// <summary>
/// A line for each request that changes something or fails, and at debug level for the others. Without the query, which may hold a token or what
/// somebody searched for. (The token of a feed is in no path any more: <c>FeedSecrets</c>.)
/// </summary>
internal sealed partial class RequestLog(TimeProvider time, ILogger<RequestLog> logger) : IMiddleware
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var started = time.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            var level = context.Response.StatusCode >= StatusCodes.Status500InternalServerError ? LogLevel.Warning
                : HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? LogLevel.Debug
                : LogLevel.Information;
            if (logger.IsEnabled(level))
            {
                var caller = Caller.Of(context);
                var elapsed = time.GetElapsedTime(started).TotalMilliseconds;
                var path = context.Request.Path;
                // A key that is older than the rule for its name.
                var name = OneLine.Of(caller.Name);
                LogRequest(level, context.Request.Method, path, context.Response.StatusCode, elapsed, name, caller.Address);
            }
        }
    }

    [LoggerMessage("{Method} {Path} {Status} in {Elapsed:0.0} ms, by {Caller} from {Address}")]
    private partial void LogRequest(LogLevel level, string method, PathString path, int status, double elapsed, string caller, string? address);
}
