using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using SignalFlow.Api.Answers;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Feeds;

/// <summary>
/// A feed. Who shows its present tag is spared the body. A time alone spares nobody: a post that is purged leaves the feed without anything newer
/// in it.
/// </summary>
internal sealed class FeedAnswer(PostFeedDocument document, bool isAtom) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(JsonFeed), ["application/feed+json", "application/atom+xml"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = isAtom ? document.Atom() : document.Json();
        var response = httpContext.Response;
        var tag = EncodedAnswer.TagOf(body);
        response.Headers.ETag = tag;
        if (document.Newest is { } newest)
            response.GetTypedHeaders().LastModified = newest;
        httpContext.RequestServices.GetRequiredService<CachePolicy>().Write(response, mayBeOld: false);
        if (Answers.Answers.IsKnown(httpContext.Request, tag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        response.ContentType = isAtom ? PostFeedDocument.AtomType : PostFeedDocument.JsonType;
        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
    }
}
