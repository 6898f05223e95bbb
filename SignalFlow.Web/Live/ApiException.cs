using System.Net;
using System.Text.Json;

namespace SignalFlow.Web.Live;

/// <summary>The API has answered, and not with what was asked for.</summary>
/// <remarks>An <see cref="HttpRequestException"/>, so that a page that only reads need not tell the two apart.</remarks>
internal sealed class ApiException : HttpRequestException
{
    private const string SignInFirst = "Sign in first.";

    private ApiException(HttpStatusCode status, string message, IReadOnlyDictionary<string, string[]> errors, string? traceId)
        : base(message, null, status) => (Errors, TraceId) = (errors, traceId);

    /// <summary>By field; empty where no field was wrong.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }

    public string? TraceId { get; }

    /// <summary>Nobody is signed in, or not any more.</summary>
    public bool NeedsSignIn => StatusCode == HttpStatusCode.Unauthorized;

    /// <summary>All that was wrong, in sentences.</summary>
    public string Sentences => Errors.Count == 0 ? Message : string.Join(' ', Errors.Values.SelectMany(texts => texts));

    /// <summary>What the API would say if it were asked.</summary>
    public static ApiException SignInEnded() => new(HttpStatusCode.Unauthorized, SignInFirst, new Dictionary<string, string[]>(), null);

    /// <summary>Reads problem details; an answer that is none, as of a proxy between, is told by its status.</summary>
    public static async Task<ApiException> OfAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var status = answer.StatusCode;
        var message = status switch
        {
            HttpStatusCode.Unauthorized => SignInFirst,
            HttpStatusCode.Forbidden => "Your role does not allow this.",
            HttpStatusCode.NotFound => "There is nothing at this address.",
            HttpStatusCode.TooManyRequests => "Too many requests; try again in a moment.",
            _ => $"The API answered {(int)status} {answer.ReasonPhrase}.",
        };
        try
        {
            using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
            var root = document.RootElement;
            return new(status, Text(root, "detail") ?? Text(root, "title") ?? message, ErrorsOf(root), Text(root, "trace_id"));
        }
        catch (JsonException)
        {
            return new(status, message, new Dictionary<string, string[]>(), null);
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static Dictionary<string, string[]> ErrorsOf(JsonElement root)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("errors", out var fields) || fields.ValueKind != JsonValueKind.Object)
            return errors;
        foreach (var field in fields.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Array)
                errors[field.Name] = [.. field.Value.EnumerateArray().Where(text => text.ValueKind == JsonValueKind.String).Select(text => text.GetString()!)];
        }

        return errors;
    }
}
