using Microsoft.Extensions.Configuration;

namespace SignalFlow.ServiceDefaults;

internal static class ConnectionStrings
{
    /// <exception cref="InvalidOperationException">The connection string is missing; the message names its key.</exception>
    public static string GetRequiredConnectionString(this IConfiguration configuration, string name) =>
        configuration.GetConnectionString(name) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException(
                $"ConnectionStrings:{name} is not set (environment: ConnectionStrings__{name}). "
                + "The AppHost and Standalone set it; a service started alone needs it from its environment.");
}
