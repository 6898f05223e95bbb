using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using SignalFlow.Web.Access;
using SignalFlow.Web.Components;
using SignalFlow.Web.Components.Alerts;
using SignalFlow.Web.Live;

namespace SignalFlow.Web;

/// <summary>The UI: static pages with interactive islands, fed by one live connection per process.</summary>
public static class WebExtensions
{
    /// <summary>First path segments that other services of the same origin answer; the UI's middleware leaves them alone.</summary>
    private static readonly string[] ForeignPaths =
        ["/api", "/ws", "/hubs", "/health", "/alive", "/metrics", "/dlq", "/openapi"];

    /// <summary>Registers the UI. Expects the API under the service name <c>api</c> (<c>services:api:http:0</c>).</summary>
    public static IHostApplicationBuilder AddSignalFlowWeb(this IHostApplicationBuilder builder)
    {
        // Without it a build output started outside Development has no scripts and styles of packages and projects.
        if (builder is WebApplicationBuilder web)
            web.WebHost.UseStaticWebAssets();

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHttpClient(ApiClient.ServiceName, (provider, client) =>
        {
            client.BaseAddress = ApiClient.ServiceAddress;
            if (ApiClient.Key(provider.GetRequiredService<IConfiguration>()) is { } key)
                client.DefaultRequestHeaders.Add(ApiClient.KeyHeader, key);
        });
        builder.Services.AddHttpClient(ApiClient.AsUser, client => client.BaseAddress = ApiClient.ServiceAddress);
        // What they do takes long, and must not be given up half-way: its outcome would be lost.
#pragma warning disable EXTEXP0001 // There is no other way to leave the defaults out.
        builder.Services.AddHttpClient(ApiClient.AsOperator, client => (client.BaseAddress, client.Timeout) = (ApiClient.ServiceAddress, ApiClient.LongestWork))
            .RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        builder.Services.AddScoped<ApiClient>();
        builder.Services.AddScoped<NewAlerts>();
        builder.AddWebAccess();
        builder.Services.AddSingleton<PostFeed>();
        builder.Services.AddSingleton<KnownSubreddits>();
        builder.Services.AddSingleton<WebMetrics>();
        builder.Services.AddScoped<CircuitHandler, CircuitCounter>();
        builder.Services.AddHostedService<LiveFeedConnection>();
        builder.Services.AddHealthChecks().AddCheck<LiveFeedHealthCheck>("live-feed", HealthStatus.Degraded);

        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        return builder;
    }

    /// <summary>Maps pages, assets and the circuit endpoint.</summary>
    /// <remarks>
    /// The UI is a branch with routing of its own: its error and not-found pages, headers and antiforgery never meet the
    /// endpoints of the services that share its origin.
    /// </remarks>
    public static WebApplication MapSignalFlowWeb(this WebApplication app)
    {
        app.UseWhen(context => BelongsToUi(context.Request.Path), ui =>
        {
            if (!app.Environment.IsDevelopment())
            {
                ui.UseExceptionHandler(new ExceptionHandlerOptions
                {
                    ExceptionHandlingPath = "/error",
                    CreateScopeForErrors = true,
                    StatusCodeSelector = exception => (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
                });
            }

            // After it: the page of an error passes here once more, as what was said before is lost.
            ui.UseMiddleware<SecurityHeaders>();
            ui.UseMiddleware<CircuitOrigins>();
            ui.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
            ui.UseRouting();
            // Before anybody is looked up.
            ui.UseMiddleware<PageLimits>();
            ui.UseMiddleware<SessionMiddleware>();
            ui.UseAntiforgery();
            ui.UseEndpoints(endpoints =>
            {
                endpoints.MapStaticAssets();
                endpoints.MapWebAccess();
                endpoints.MapRazorComponents<App>()
                    // SecurityHeaders says it once, for all responses of the UI.
                    .AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
            });
        });
        return app;
    }

    internal static bool BelongsToUi(PathString path) =>
        !Array.Exists(ForeignPaths, foreign => path.StartsWithSegments(foreign, StringComparison.OrdinalIgnoreCase));
}
