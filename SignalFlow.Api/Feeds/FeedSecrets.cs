using Microsoft.AspNetCore.Http.Features;

namespace SignalFlow.Api.Feeds;

/// <summary>The token of the address that was asked for.</summary>
internal sealed record FeedSecret(string Token);

/// <summary>
/// Takes the token of a feed out of the path before anything else sees it. The server's own log scope and span begin with the request, and have the path
/// in them: whoever reads logs and traces would have the address. The endpoint finds it in the features.
/// </summary>
internal sealed class FeedSecrets(IServiceProvider services) : IHttpContextFactory
{
    private const string Beginning = FeedEndpoints.SearchesPath + "/";

    private readonly DefaultHttpContextFactory _contexts = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        var request = featureCollection.GetRequiredFeature<IHttpRequestFeature>();
        // Behind a prefix, too.
        if (request.Path.IndexOf(Beginning, StringComparison.OrdinalIgnoreCase) is >= 0 and var start)
            Hide(featureCollection, request, start + Beginning.Length);
        return _contexts.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => _contexts.Dispose(httpContext);

    private static void Hide(IFeatureCollection features, IHttpRequestFeature request, int start)
    {
        var name = request.Path[start..].TrimEnd('/');
        var format = Array.Find(FeedEndpoints.Formats, format => name.EndsWith(format, StringComparison.OrdinalIgnoreCase)) ?? "";
        features.Set(new FeedSecret(name[..^format.Length]));
        request.Path = $"{request.Path[..start]}-{format}";
    }
}
