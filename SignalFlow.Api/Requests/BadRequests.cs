using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;

namespace SignalFlow.Api.Requests;

/// <summary>Says what is wrong with a request that no endpoint could read.</summary>
internal sealed class BadRequests(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not BadHttpRequestException bad)
            return false;

        httpContext.Response.StatusCode = bad.StatusCode;
        return await problems.TryWriteAsync(new()
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = bad.StatusCode, Detail = Detail(bad) },
        });
    }

    // What the parser itself says may repeat what was sent, so only the place is told.
    private static string Detail(BadHttpRequestException bad) => bad switch
    {
        { InnerException: JsonException { Path: { Length: > 2 } path } } => $"{path[2..]} of the body is not of the expected kind.",
        { InnerException: JsonException } => "The body is not a JSON object of the expected form.",
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => "The body is too large.",
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => "The body must be JSON: Content-Type: application/json.",
        _ => bad.Message,
    };
}
