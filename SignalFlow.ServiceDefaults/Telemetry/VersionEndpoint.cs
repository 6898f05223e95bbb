using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace SignalFlow.ServiceDefaults;

internal static class VersionEndpoint
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static void MapVersion(this WebApplication app)
    {
        var build = app.Services.GetRequiredService<BuildInfo>().View;
        _ = app.Services.GetRequiredService<BuildMetrics>();
        app.MapGet("/version", () => TypedResults.Json(build, Json)).AllowAnonymous().ExcludeFromDescription();
    }
}
