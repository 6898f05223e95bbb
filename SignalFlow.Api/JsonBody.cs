using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace SignalFlow.Api;

/// <param name="Value">Null: there is none.</param>
/// <param name="Refusal">Says what is wrong with it, by the name of the field.</param>
internal readonly record struct JsonBody<T>(T? Value, ProblemHttpResult? Refusal)
    where T : class;

internal static class JsonBody
{
    /// <summary>Bodies are small; more is nobody's wish.</summary>
    public static TBuilder TakesAtMost<TBuilder>(this TBuilder endpoint, long bytes)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.WithMetadata(new RequestSizeLimitAttribute(bytes));

    /// <summary>Without a body the value is null, and nothing is wrong.</summary>
    public static async Task<JsonBody<T>> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var content = new MemoryStream();
            await request.Body.CopyToAsync(content, cancellationToken);
            if (content.Length == 0)
                return default;
            content.Position = 0;
            return new(await JsonSerializer.DeserializeAsync(content, type, cancellationToken), null);
        }
        catch (JsonException exception)
        {
            var field = exception.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : "body";
            return new(null, TypedResults.Problem(new HttpValidationProblemDetails(new Dictionary<string, string[]>
            {
                [field] = [field == "body" ? "The body must be a JSON object." : $"{field} is unknown or of the wrong kind."],
            })
            {
                Status = StatusCodes.Status400BadRequest,
            }));
        }
        catch (BadHttpRequestException exception)
        {
            return new(null, TypedResults.Problem(statusCode: exception.StatusCode, detail: "The body is too large or was cut off."));
        }
    }
}
