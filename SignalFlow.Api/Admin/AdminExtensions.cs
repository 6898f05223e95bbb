using Microsoft.Extensions.DependencyInjection.Extensions;
using SignalFlow.Api.Admin.Subreddits;
using SignalFlow.Api.Admin.Trending;
using SignalFlow.Storage.Subreddits;
using SignalFlow.Storage.Trending;

namespace SignalFlow.Api.Admin;

internal static class AdminExtensions
{
    /// <summary>Registers the administration of what is watched.</summary>
    public static IHostApplicationBuilder AddAdministration(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SubredditEditor>();
        builder.Services.TryAddSingleton<TrendingThresholdStore>();
        builder.Services.AddScoped<ConfiguredSubredditQueries>();
        return builder;
    }

    public static void MapAdministration(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapSubredditAdministration();
        endpoints.MapTrendingThresholds();
    }
}
