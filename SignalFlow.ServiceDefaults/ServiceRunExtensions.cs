using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace SignalFlow.ServiceDefaults;

/// <summary>How a service begins and ends as a process: sentences for wrong configuration, and an exit code that tells a failure.</summary>
public static class ServiceRunExtensions
{
    /// <summary>Runs the service until it is told to stop.</summary>
    /// <returns>The process's exit code: 0 after an orderly stop, 1 for wrong configuration or after a background service has failed.</returns>
    public static int RunService(this WebApplication app)
    {
        try
        {
            app.ThrowIfMisconfigured();
        }
        catch (WrongConfigurationException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return 1;
        }

        // Kept from before, as Run disposes the container.
        var services = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        var lifetime = app.Lifetime;
        try
        {
            app.Run();
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Stopped while it was still starting.
        }

        // The host logs a failed background service and stops, but Run then returns as after any other stop.
        return services.Exists(service => service.ExecuteTask is { IsFaulted: true }) ? 1 : 0;
    }

    /// <summary>Validates all options and makes the hosted services, which is where an unusable file or folder shows.</summary>
    /// <exception cref="WrongConfigurationException">Something is wrong; the message has a line for each wrong key.</exception>
    public static void ThrowIfMisconfigured(this IHost app)
    {
        try
        {
            app.Services.GetService<IStartupValidator>()?.Validate();
            _ = app.Services.GetServices<IHostedService>();
        }
        catch (Exception exception) when (exception is AggregateException or OptionsValidationException or InvalidOperationException)
        {
            throw new WrongConfigurationException(string.Join(Environment.NewLine, Messages(exception)), exception);
        }
    }

    private static IEnumerable<string> Messages(Exception exception) => exception switch
    {
        AggregateException several => several.InnerExceptions.SelectMany(Messages),
        OptionsValidationException options => options.Failures,
        _ => [exception.Message],
    };
}

/// <summary>The program cannot run as it is configured. The message is meant for whoever started it and names every wrong key.</summary>
public sealed class WrongConfigurationException : Exception
{
    public WrongConfigurationException()
    {
    }

    public WrongConfigurationException(string message)
        : base(message)
    {
    }

    public WrongConfigurationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
