using SignalFlow.Storage.Alerts;

namespace SignalFlow.Processing.Alerts;

internal static class AlertSendingExtensions
{
    /// <summary>Registers what sends alerts; needs the storage of <c>AddPostStorage</c>.</summary>
    public static IHostApplicationBuilder AddAlertSending(this IHostApplicationBuilder builder)
    {
        builder.AddAlertStorage();
        builder.Services.AddSingleton<AlertDeliveryMetrics>();
        builder.Services.AddSingleton<AlertTransport>();
        builder.Services.AddSingleton<MailSender>();
        builder.Services.AddSingleton<AlertDispatch>();
        builder.Services.AddHostedService<AlertSender>();
        return builder;
    }
}
