using SignalFlow.Api.Access;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Api.Alerts;

internal static class AlertExtensions
{
    /// <summary>Registers alerts, their rules and channels.</summary>
    public static IHostApplicationBuilder AddAlerts(this IHostApplicationBuilder builder)
    {
        builder.AddAlertStorage();
        builder.Services.AddSingleton<ChannelFields>();
        return builder;
    }

    public static void MapAlerts(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapOwnAlerts().RequireAccess(Policies.Account);
        endpoints.MapAlertRules().RequireAccess(Policies.Alert);
        endpoints.MapAlertChannels().RequireAccess(Policies.Alert);
    }
}
