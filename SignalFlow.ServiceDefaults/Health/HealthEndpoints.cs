using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace SignalFlow.ServiceDefaults;

internal static class HealthEndpoints
{
    public static void MapHealthEndpoints(this IEndpointRouteBuilder endpoints)
    {
        // Routing treats /health and /health/ alike, but the original system's clients ask /health/ for liveness.
        endpoints.MapGet("/health", (HttpContext context, HealthCheckService checks) =>
            WriteAsync(context, checks, liveOnly: context.Request.Path.Value!.EndsWith('/')))
            .AllowAnonymous().ExcludeFromDescription();
        endpoints.MapGet("/alive", (HttpContext context, HealthCheckService checks) => WriteAsync(context, checks, liveOnly: true))
            .AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task WriteAsync(HttpContext context, HealthCheckService checks, bool liveOnly)
    {
        var report = await checks.CheckHealthAsync(
            check => !liveOnly || check.Tags.Contains(ServiceDefaultsExtensions.LiveTag), context.RequestAborted);

        // Degraded serves; only Unhealthy takes the instance out of rotation.
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy
            ? StatusCodes.Status503ServiceUnavailable
            : StatusCodes.Status200OK;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";

        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", Name(report.Status));
        json.WriteStartObject("checks");
        foreach (var (name, entry) in report.Entries)
        {
            json.WriteStartObject(name);
            json.WriteString("status", Name(entry.Status));
            // Descriptions are written by the checks themselves; exception texts may hold addresses and stay in the log.
            if (entry.Description is { } description)
                json.WriteString("description", description);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        _ => "unhealthy",
    };
}
