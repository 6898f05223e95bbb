using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace SignalFlow.Api.Requests;

/// <summary>What all requests below the API's paths have in common.</summary>
internal static class RequestExtensions
{
    private const string PolicyName = "signalflow-api";

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
                .WithExposedHeaders("ETag", "Location", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-SignalFlow-Written", "Content-Disposition", "X-SignalFlow-Max-Rows")));
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<RequestOptions>>((timeouts, options) =>
            timeouts.AddPolicy(PolicyName, new RequestTimeoutPolicy { Timeout = options.Value.RequestTimeout, TimeoutStatusCode = StatusCodes.Status504GatewayTimeout }));
        return builder;
    }

    /// <summary>Errors, headers and limits, before anybody is authenticated.</summary>
    public static IApplicationBuilder UseRequests(this IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            if (context.Request.IsHttps)
                headers.StrictTransportSecurity = "max-age=31536000";
            return next(context);
        });
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
