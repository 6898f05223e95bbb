using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SignalFlow.Api;

/// <summary>Errors as RFC 9457 problems that name their fields and carry the trace id, like those the framework writes.</summary>
internal static class Problems
{
    public static ValidationProblem Invalid(HttpContext context, Dictionary<string, string[]> errors) =>
        TypedResults.ValidationProblem(errors, extensions: TraceId(context));

    public static ProblemHttpResult Status(HttpContext context, int statusCode, string detail) =>
        TypedResults.Problem(detail, statusCode: statusCode, extensions: TraceId(context));

    private static KeyValuePair<string, object?>[] TraceId(HttpContext context) =>
        [new("traceId", Activity.Current?.Id ?? context.TraceIdentifier)];
}
