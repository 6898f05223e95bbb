using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using SignalFlow.Api.Access;
using SignalFlow.Api.Access.Setup;
using SignalFlow.Api.Access.Users;
using SignalFlow.Api.Admin;
using SignalFlow.Api.Alerts;
using SignalFlow.Api.Analytics;
using SignalFlow.Api.Answers;
using SignalFlow.Api.DeadLetters;
using SignalFlow.Api.Export;
using SignalFlow.Api.Feeds;
using SignalFlow.Api.Ingestion;
using SignalFlow.Api.Live;
using SignalFlow.Api.Paging;
using SignalFlow.Api.Pipeline;
using SignalFlow.Api.Posts;
using SignalFlow.Api.Posts.Feed;
using SignalFlow.Api.Posts.Search;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Api.Reference;
using SignalFlow.Api.Requests;
using SignalFlow.Api.Stats;
using SignalFlow.Api.Storage;
using SignalFlow.Api.Subreddits;
using SignalFlow.Contracts;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Api;

public static class ApiExtensions
{
    private static readonly PathString[] Paths = ["/api", "/dlq", "/ws", "/hubs", "/health/details"];

    /// <summary>Registers REST and the live stream; needs the reading side of <c>AddPostReading</c>.</summary>
    public static IHostApplicationBuilder AddSignalFlowApi(this IHostApplicationBuilder builder)
    {
        builder.AddRedisClient("redis");
        builder.AddRequests();
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ContractsJsonContext.Default);
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        });

        builder.AddAccess();
        builder.Services.AddReference();
        builder.Services.AddSingleton<CursorSeals>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<CursorSeals>());
        builder.Services.AddSingleton<FirstWalk>();
        builder.Services.AddSingleton<PreparedShapes>();
        builder.Services.AddScoped<FeedReader>();
        builder.Services.AddScoped<PostQueries>();
        builder.Services.AddScoped<TrailQueries>();
        builder.Services.AddScoped<StatsQueries>();
        builder.Services.AddScoped<SubredditQueries>();
        builder.Services.AddScoped<SubredditAuthorQueries>();
        builder.Services.AddSingleton<StorageQueries>();
        builder.Services.AddScoped<IngestionQueries>();
        builder.Services.AddScoped<PurgeQueries>();
        builder.AddDeadLetters();
        builder.AddAdministration();
        builder.Services.AddTransient<IStartupFilter, HeadRequests>();
        builder.Services.Replace(ServiceDescriptor.Singleton<IHttpContextFactory, FeedSecrets>());
        builder.Services.AddAnswerCompression();
        builder.Services.AddSingleton<CachePolicy>();
        builder.Services.AddSingleton<AnswerCacheMetrics>();
        builder.Services.AddSingleton<AnswerCache>();
        builder.Services.AddScoped<TimelineQueries>();
        builder.Services.AddScoped<CountedPosts>();
        builder.Services.AddScoped<KeywordQueries>();
        builder.Services.AddScoped<TopicQueries>();
        builder.Services.AddScoped<StoryQueries>();
        builder.Services.AddScoped<TermQueries>();
        builder.Services.AddScoped<SignalQueries>();
        builder.Services.AddScoped<TrendingQueries>();
        builder.Services.AddOptions<TrendingRule>().BindConfiguration(TrendingRule.Section);
        builder.AddExport();
        builder.AddAlerts();
        builder.AddLive();
        return builder;
    }

    public static WebApplication MapSignalFlowApi(this WebApplication app)
    {
        app.UseAnswerHeaders();
        // Only under our own paths: in Standalone the pages of the UI share the origin and answer errors in HTML.
        app.UseWhen(IsOurs, api => api.UseRequests().UseWrittenPosition());
        app.UseAnswerCompression();
        app.UseWebSockets(new() { KeepAliveInterval = TimeSpan.FromSeconds(30), KeepAliveTimeout = TimeSpan.FromSeconds(30) });

        app.UseAuthentication();
        app.UseWhen(IsOurs, api => api.UseMiddleware<RateLimits>());
        app.UseAuthorization();
        // Who may not gets no place.
        app.UseWhen(IsOurs, api => api.UseMiddleware<RequestPlaces>());

        var api = app.MapGroup("")
            .RequiresStatedAccess()
            .WithRequestLimits(app.Services.GetRequiredService<IOptions<RequestOptions>>().Value);
        api.MapAccess();
        api.MapPosts().RequireAccess(Policies.Read);
        api.MapSearch().RequireAccess(Policies.Read);
        api.MapExport().RequireAccess(Policies.Export);
        api.MapStats().RequireAccess(Policies.Read);
        api.MapAnalytics().RequireAccess(Policies.Read);
        api.MapSubreddits().RequireAccess(Policies.Read);
        api.MapStorage().RequireAccess(Policies.Read);
        api.MapIngestion().RequireAccess(Policies.Read);
        api.MapPipeline().RequireAccess(Policies.Read);
        api.MapHealthDetails().RequireAccess(Policies.Operate).WithMetadata(new PlacelessEndpoint());
        api.MapDeadLetters().RequireAccess(Policies.Operate);
        api.MapAdministration();
        api.MapAlerts();
        api.MapFeeds();
        api.MapLive();
        app.MapReference();
        return app;
    }

    /// <summary>Whether this is the password of the first administrator, who may have changed it.</summary>
    public static async Task<bool> IsFirstAdminAsync(this IServiceProvider services, string password, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        cancellationToken.ThrowIfCancellationRequested();
        return await users.FindByNameAsync(FirstAdmin.UserName) is { IsActive: true } admin && await users.CheckPasswordAsync(admin, password);
    }

    internal static bool IsOurs(HttpContext context) => Array.Exists(Paths, path => context.Request.Path.StartsWithSegments(path));
}
