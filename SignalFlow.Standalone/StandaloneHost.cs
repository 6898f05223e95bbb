using Microsoft.Extensions.DependencyInjection.Extensions;

namespace SignalFlow.Standalone;

/// <summary>How the hosts inside Standalone differ from a service of its own.</summary>
internal static class StandaloneHost
{
    public static WebApplicationBuilder CreateBuilder(string url)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Files belong to the program, not to the folder it is started from.
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseUrls(url);
        // The UI's files lie in the packages and projects they come from, whatever the environment is called.
        builder.WebHost.UseStaticWebAssets();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        // It logs the stack trace of a failed start, which StandaloneCommand tells in a sentence; a failed service is critical.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, OwnedLifetime>());
        return builder;
    }

    /// <summary>Signals are <see cref="StopSignals"/>'s, so that hosts stop in order.</summary>
    private sealed class OwnedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
