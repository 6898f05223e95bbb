using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Answers;

/// <summary>
/// A good answer that a client may keep: it carries a tag, and who shows the tag of the present state is told 304 and spared the body.
/// </summary>
internal sealed class Answer<T> : IResult, IEndpointMetadataProvider
{
    private static readonly JsonTypeInfo<T> Json = (JsonTypeInfo<T>)Answers.Json.GetTypeInfo(typeof(T));

    private readonly T? _value;
    private readonly EncodedAnswer? _encoded;
    private readonly string _tag;

    /// <param name="encoded">Kept by the API for a while, so clients may keep it for a moment without asking.</param>
    public Answer(EncodedAnswer encoded) => (_encoded, _tag) = (encoded, encoded.Tag);

    /// <param name="value">Encoded only when the client does not have it.</param>
    /// <param name="tag">Of everything in it that matters.</param>
    public Answer(T value, string tag) => (_value, _tag) = (value, tag);

    public static Answer<T> Fresh(T value) => new(Encode(value)) { IsFresh = true };

    private bool IsFresh { get; init; }

    public static EncodedAnswer Encode(T value) => EncodedAnswer.Of(JsonSerializer.SerializeToUtf8Bytes(value, Json));

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.Headers.ETag = _tag;
        httpContext.RequestServices.GetRequiredService<CachePolicy>().Write(response, mayBeOld: _encoded is not null && !IsFresh);
        if (Answers.IsKnown(httpContext.Request, _tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = "application/json; charset=utf-8";
        if (_encoded is not null)
        {
            response.ContentLength = _encoded.Body.Length;
            await response.BodyWriter.WriteAsync(_encoded.Body, httpContext.RequestAborted);
            return;
        }

        await using (var json = new Utf8JsonWriter(response.BodyWriter, new() { Encoder = Answers.Json.Encoder, SkipValidation = true }))
            JsonSerializer.Serialize(json, _value!, Json);
        await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
    }
}

internal static class Answers
{
    /// <summary>As the answers of all endpoints: letters beyond ASCII as they are.</summary>
    public static JsonSerializerOptions Json { get; } = MakeJson();

    public static bool IsKnown(HttpRequest request, string tag)
    {
        if (request.Headers.IfNoneMatch.Count == 0 || !EntityTagHeaderValue.TryParseList(request.Headers.IfNoneMatch, out var known))
            return false;
        var present = EntityTagHeaderValue.Parse(tag);
        return known.Any(one => one.Tag == "*" || one.Compare(present, useStrongComparison: false));
    }

    private static JsonSerializerOptions MakeJson()
    {
        var options = new JsonSerializerOptions(ContractsJsonContext.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        options.MakeReadOnly();
        return options;
    }
}
