using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SignalFlow.ServiceDefaults;

internal static class ConnectionStrings
{
    /// <summary>Has the connection string checked at start together with all options, so that one message names everything that is wrong.</summary>
    /// <param name="parse">Throws <see cref="ArgumentException"/> for a connection string that is not one.</param>
    public static void ValidateConnectionStringOnStart(this IHostApplicationBuilder builder, string name, Action<string>? parse = null)
    {
        builder.Services.AddOptions<ConnectionStringOptions>(name).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<ConnectionStringOptions>>(
            provider => new ConnectionStringOptions.Validator(name, provider.GetRequiredService<IConfiguration>(), parse));
    }

    /// <exception cref="InvalidOperationException">The connection string is missing; the message names its key.</exception>
    public static string GetRequiredConnectionString(this IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) is { Length: > 0 } value ? value : throw new InvalidOperationException(Missing(name));

    private static string Missing(string name) =>
        $"ConnectionStrings:{name} is not set (environment: ConnectionStrings__{name}). "
        + "The AppHost and Standalone set it; a service started alone needs it from its environment.";

    /// <summary>Stands for the connection string that is called like the options' name.</summary>
    private sealed class ConnectionStringOptions
    {
        public sealed class Validator(string connectionName, IConfiguration configuration, Action<string>? parse) : IValidateOptions<ConnectionStringOptions>
        {
            public ValidateOptionsResult Validate(string? name, ConnectionStringOptions options)
            {
                if (name != connectionName)
                    return ValidateOptionsResult.Skip;

                if (configuration.GetConnectionString(connectionName) is not { Length: > 0 } value)
                    return ValidateOptionsResult.Fail(Missing(connectionName));

                try
                {
                    parse?.Invoke(value);
                    return ValidateOptionsResult.Success;
                }
                catch (ArgumentException exception)
                {
                    return ValidateOptionsResult.Fail($"ConnectionStrings:{connectionName} is not a connection string: {exception.Message}");
                }
            }
        }
    }
}
