using Microsoft.Extensions.Options;
using Npgsql;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Housekeeping;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Processing;

/// <summary><c>SignalFlow.Processing migrate</c>: brings the database to this program's schema and ends. The job others wait for.</summary>
internal static class MigrateCommand
{
    public static async Task<int> RunAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddServiceDefaults();
        builder.Services.AddDatabaseMigrator();
        builder.AddStorageOptions();
        builder.AddNpgsqlDataSource(StorageExtensions.ConnectionName);
        using var host = builder.Build();
        using var stop = new StopRequest();
        try
        {
            host.ThrowIfMisconfigured();
            host.StartTracing();
            await host.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(stop.Token);
            var dataSource = host.Services.GetRequiredService<NpgsqlDataSource>();
            var storage = host.Services.GetRequiredService<IOptions<StorageOptions>>().Value;
            await TimescalePolicies.ApplyAsync(dataSource, storage, stop.Token);
            await ServiceLogins.ApplyAsync(dataSource, storage.Passwords, stop.Token);
            return 0;
        }
        catch (Exception exception) when (exception is SchemaException or WrongConfigurationException || exception.IsOfDatabase())
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted. What is applied stays; the next run goes on from there.");
            return StopRequest.ExitCode;
        }
    }
}
