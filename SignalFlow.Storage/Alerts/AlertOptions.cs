using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using SignalFlow.Storage.Access;
using SignalFlow.Storage.Alerts.Delivery;

namespace SignalFlow.Storage.Alerts;

/// <summary>Section <c>Alerts</c>, of the API and of processing.</summary>
public sealed class AlertOptions
{
    public const string Section = "Alerts";

    /// <summary>
    /// Webhooks may go to addresses that the Internet does not reach: this machine's and its network's. Whoever may make channels may then ask
    /// them.
    /// </summary>
    public bool AllowPrivateTargets { get; set; }

    /// <summary>Encrypts the targets of channels; the same in the API and in processing. Without it a key in the database does.</summary>
    public string? SecretKey { get; set; }

    /// <summary>Messages that a process sends at a time; 0: it sends none.</summary>
    public int Senders { get; set; } = 4;

    public MailServer Smtp { get; set; } = new();

    /// <summary>What mail is sent through. Without a host there are no channels of mail.</summary>
    public sealed class MailServer
    {
        public string? Host { get; set; }
        public int Port { get; set; } = 587;

        /// <summary><c>starttls</c>, <c>tls</c> or <c>none</c>.</summary>
        public string Security { get; set; } = "starttls";

        public string? UserName { get; set; }
        public string? Password { get; set; }

        /// <summary>The sender's address.</summary>
        public string From { get; set; } = "signalflow@localhost";

        public bool IsConfigured => !string.IsNullOrEmpty(Host);
    }

    internal sealed class Validator : IValidateOptions<AlertOptions>
    {
        private const int MinKeyLength = 32;

        public ValidateOptionsResult Validate(string? name, AlertOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            if (options.Senders is < 0 or > 64)
                failures.AddError($"{Section}:Senders is {options.Senders}; it must be between 0 and 64.");
            if (!string.IsNullOrEmpty(options.SecretKey) && options.SecretKey.Length < MinKeyLength)
                failures.AddError($"{Section}:SecretKey has {options.SecretKey.Length} characters; it must have at least {MinKeyLength}.");
            if (options.Smtp.Port is < 1 or > 65_535)
                failures.AddError($"{Section}:Smtp:Port is {options.Smtp.Port}; it must be between 1 and 65535.");
            if (options.Smtp.Security is not ("starttls" or "tls" or "none"))
                failures.AddError($"{Section}:Smtp:Security is '{options.Smtp.Security}'; it must be starttls, tls or none.");
            if (options.Smtp.IsConfigured && !options.Smtp.From.Contains('@', StringComparison.Ordinal))
                failures.AddError($"{Section}:Smtp:From is '{options.Smtp.From}'; it must be an address of mail.");
            return failures.Build();
        }
    }
}

public static class AlertStorageExtensions
{
    /// <summary>What both the API and processing need of alerts. Standalone has both, so it may be called twice.</summary>
    public static IHostApplicationBuilder AddAlertStorage(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        if (services.Any(service => service.ServiceType == typeof(ChannelSecrets)))
            return builder;
        services.AddOptionsWithValidateOnStart<AlertOptions, AlertOptions.Validator>().BindConfiguration(AlertOptions.Section);
        services.AddSingleton(provider => new ChannelSecrets(
            ActivatorUtilities.GetServiceOrCreateInstance<SigningKeyStore>(provider),
            provider.GetRequiredService<IOptions<AlertOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<AlertStore>();
        services.AddSingleton<AlertDeliveryStore>();
        return builder;
    }
}
