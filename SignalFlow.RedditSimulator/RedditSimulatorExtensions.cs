using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SignalFlow.RedditSimulator.Faults;
using SignalFlow.RedditSimulator.Http;

namespace SignalFlow.RedditSimulator;

/// <summary>A stand-in for Reddit's HTTP API: simulated or replayed posts, OAuth, quota, faults on request.</summary>
public static class RedditSimulatorExtensions
{
    /// <summary>Registers the simulator, configured by the section <see cref="SimulatorOptions.Section"/>.</summary>
    public static IHostApplicationBuilder AddRedditSimulator(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SimulatorOptions>().BindConfiguration(SimulatorOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SimulatorOptions>, SimulatorOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<SimulatorOptions>>().Value);

        services.AddSingleton<WorldFactory>();
        services.AddSingleton(provider => provider.GetRequiredService<WorldFactory>().World);
        services.AddSingleton(provider => provider.GetRequiredService<WorldFactory>().Clock);
        services.AddSingleton(provider => provider.GetRequiredService<WorldFactory>().Reddit);
        services.AddHostedService<WorldLease>();

        services.AddSingleton<AccessTokens>();
        services.AddSingleton<FaultBoard>();
        services.AddSingleton<RedditGate>();
        services.AddSingleton<ServedLog>();
        services.AddSingleton<RedditApi>();
        services.AddSingleton<TokenApi>();
        services.AddSingleton<SimulatorMetrics>();
        return builder;
    }

    /// <summary>
    /// Maps Reddit's paths, and for this machine only <c>GET</c>, <c>PUT</c>, <c>DELETE /simulator/faults</c> (see <see cref="FaultRule"/>) and
    /// <c>POST /simulator/posts</c>.
    /// </summary>
    public static IEndpointRouteBuilder MapRedditSimulator(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/v1/access_token", (HttpContext context, TokenApi tokens) => tokens.IssueAsync(context));
        foreach (var suffix in (string[])["", ".json", "/.json"])
        {
            app.MapGet($"/r/{{names}}/new{suffix}", (HttpContext context, RedditApi reddit, string names) => reddit.NewAsync(context, names));
            app.MapGet($"/r/{{name}}/about{suffix}", (HttpContext context, RedditApi reddit, string name) => reddit.AboutAsync(context, name));
            app.MapGet($"/api/info{suffix}", (HttpContext context, RedditApi reddit) => reddit.InfoAsync(context));
        }

        app.MapGet("/subreddits/search", (HttpContext context, RedditApi reddit) => reddit.SearchAsync(context));
        app.MapFaults();
        app.MapBursts();
        return app;
    }
}
