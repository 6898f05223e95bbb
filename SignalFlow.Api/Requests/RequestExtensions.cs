using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SignalFlow.Api.Reference;

namespace SignalFlow.Api.Requests;

/// <summary>What all requests below the API's paths have in common.</summary>
internal static class RequestExtensions
{
    private const string PolicyName = "signalflow-api";

    private const string FramesOnly = "frame-ancestors 'none'";
    private const string Nothing = $"default-src 'none'; {FramesOnly}";

    public static IHostApplicationBuilder AddRequests(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<RequestOptions, RequestOptions.Validator>().BindConfiguration(RequestOptions.Section);
        services.AddProblemDetails();
        services.AddExceptionHandler<BadRequests>();
        services.AddExceptionHandler<DatabaseAway>();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);
        services.AddSingleton<RequestMetrics>();
        services.AddSingleton<RateLimits>();
        services.AddSingleton<RequestPlaces>();
        services.AddSingleton<RequestLog>();
        services.AddCors();
        services.AddOptions<Microsoft.AspNetCore.Cors.Infrastructure.CorsOptions>().Configure<IOptions<RequestOptions>>((cors, options) =>
            cors.AddPolicy(PolicyName, policy => policy
                .WithOrigins(options.Value.Cors.Origins)
                .AllowAnyHeader()
                .AllowAnyMethod()
                .WithExposedHeaders(
                    "ETag", "Location", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-SignalFlow-Written",
                    "Content-Disposition", "X-SignalFlow-Max-Rows")));
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<RequestOptions>>((timeouts, options) =>
            timeouts.AddPolicy(
                PolicyName,
                new RequestTimeoutPolicy { Timeout = options.Value.RequestTimeout, TimeoutStatusCode = StatusCodes.Status504GatewayTimeout }));
        return builder;
    }

    /// <summary>
    /// What browsers are told with every answer, also with those of health and metrics. As it starts: an answer to an exception has lost what was said before.
    /// What the UI, or an endpoint with a page of its own, says of itself stays.
    /// </summary>
    public static IApplicationBuilder UseAnswerHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        context.Response.OnStarting(static state =>
        {
            var http = (HttpContext)state;
            var headers = http.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.TryAdd("Referrer-Policy", "no-referrer");
            // The reference is a page with a script of its own.
            headers.TryAdd(HeaderNames.ContentSecurityPolicy, http.Request.Path.StartsWithSegments(ReferenceExtensions.Path) ? FramesOnly : Nothing);
            if (http.Request.IsHttps)
                headers.StrictTransportSecurity = "max-age=31536000";
            return Task.CompletedTask;
        }, context);
        return next(context);
    });

    /// <summary>Errors and limits, before anybody is authenticated.</summary>
    public static IApplicationBuilder UseRequests(this IApplicationBuilder app)
    {
        app.UseMiddleware<RequestLog>();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseCors(PolicyName);
        app.UseRequestTimeouts();
        return app;
    }

    /// <summary>For all endpoints: they may lift it.</summary>
    public static TBuilder WithRequestLimits<TBuilder>(this TBuilder builder, RequestOptions options)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.WithMetadata(new RequestSizeLimitAttribute(options.MaxRequestBody)).WithRequestTimeout(PolicyName);
        return builder;
    }
}
