using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;

namespace SignalFlow.Api.Answers;

/// <summary>
/// Brotli or gzip for clients that ask for it, on what anybody who may read can read. Not on tokens and keys: the length of a compressed answer could
/// tell of a secret in it. Not on the live paths, whose messages must not wait for a block to fill.
/// </summary>
internal static class AnswerCompression
{
    private static readonly PathString[] Paths =
    [
        "/api/posts", "/api/search", "/api/stats", "/api/subreddits", "/api/timeline", "/api/keywords", "/api/topics", "/api/trending",
        "/api/stories", "/api/terms", "/api/signals", "/api/pipeline", "/api/ingestion", "/api/storage",
    ];

    public static IServiceCollection AddAnswerCompression(this IServiceCollection services) => services
        .AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.Providers.Add<BrotliCompressionProvider>();
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = ["application/json", "application/problem+json", "application/x-ndjson", "text/csv"];
        })
        // A level more takes twice the time for a tenth of the length.
        .Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest)
        .Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);

    public static IApplicationBuilder UseAnswerCompression(this IApplicationBuilder app) => app.UseWhen(
        context => HttpMethods.IsGet(context.Request.Method) && Array.Exists(Paths, path => context.Request.Path.StartsWithSegments(path)),
        reading => reading.UseResponseCompression());
}
