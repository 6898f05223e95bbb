using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace SignalFlow.Api;

/// <summary>The version that a change is based on: <c>If-Match</c>, against <c>ETag</c>.</summary>
internal static class EntityVersion
{
    public static void Show(HttpResponse response, string version) => response.Headers.ETag = $"\"{version}\"";

    /// <param name="request">The change.</param>
    /// <param name="version">Null: any will do, as <c>*</c> says.</param>
    /// <param name="problem">There is none, or it is not one of ours.</param>
    public static bool TryRead(HttpRequest request, out long? version, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        version = null;
        problem = null;
        var given = request.Headers.IfMatch.ToString();
        if (given == "*")
            return true;
        if (given.Length == 0)
        {
            problem = TypedResults.Problem(
                statusCode: StatusCodes.Status428PreconditionRequired,
                title: "The change must say what it is based on.",
                detail: "Send If-Match with the ETag of what is changed, or with * to change it whatever it is.");
            return false;
        }

        if (given is ['"', .. var text, '"'] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            version = number;
            return true;
        }

        problem = Stale();
        return false;
    }

    public static ProblemHttpResult Stale() => TypedResults.Problem(
        statusCode: StatusCodes.Status412PreconditionFailed,
        title: "Somebody has changed it meanwhile.",
        detail: "Read it again, and decide again.");
}
