using Microsoft.AspNetCore.Diagnostics;
using Npgsql;

namespace SignalFlow.Api.Requests;

/// <summary>Says that the database does not answer, which is nobody's error and passes: 503, and when to try again.</summary>
internal sealed class DatabaseAway(IProblemDetailsService problems) : IExceptionHandler
{
    private const string RetryAfterSeconds = "5";

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (!IsAway(exception))
            return false;

        httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        httpContext.Response.Headers.RetryAfter = RetryAfterSeconds;
        return await problems.TryWriteAsync(new()
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = StatusCodes.Status503ServiceUnavailable, Detail = "The database does not answer at the moment; try again." },
        });
    }

    // What goes to the database may be wrapped on its way back.
    private static bool IsAway(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            // Its own work fails it, too: a file that a full disk does not take.
            if (inner is NpgsqlException { IsTransient: true } or PostgresException { SqlState: PostgresErrorCodes.InternalError })
                return true;
        }

        return false;
    }
}
