using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;
using SignalFlow.Embedded;
using SignalFlow.ServiceDefaults;

namespace SignalFlow.Standalone;

/// <summary>
/// <c>infrastructure</c>: Kafka, Redis and PostgreSQL without the services, for services that run as processes of their own on a machine without a container
/// engine. The servers' addresses go into a file, since they choose their ports, and PostgreSQL its password.
/// </summary>
internal static class InfrastructureCommand
{
    // Of the 60 that the embedded server allows: for six services, and some for psql and the like.
    private const int ConnectionsOfAService = 9;

    /// <summary>Returns after an orderly stop. Answers <c>/health</c> on <c>ASPNETCORE_URLS</c> once the file is there.</summary>
    /// <param name="dataFolder">Of the database.</param>
    /// <param name="connectionsFile">
    /// JSON object of the connection strings by name, readable by its owner only; written whole, and deleted at the stop.
    /// </param>
    /// <param name="stop">The person's wish.</param>
    public static async Task RunAsync(string dataFolder, string connectionsFile, CancellationToken stop)
    {
        var builder = StandaloneHost.CreateBuilder(Environment.GetEnvironmentVariable("ASPNETCORE_URLS") ?? "http://127.0.0.1:0");
        builder.AddServiceDefaults();
        await using var app = builder.Build();
        app.MapServiceDefaults();

        await using var infrastructure = await EmbeddedInfrastructure.StartAsync(
            new() { DataFolder = dataFolder, Topics = StandaloneApplication.Topics }, app.Services.GetRequiredService<ILoggerFactory>(), stop);
        try
        {
            await WriteAsync(connectionsFile, infrastructure, stop);
            await app.StartAsync(stop);
            await Console.Out.WriteLineAsync($"Kafka, Redis and PostgreSQL are running; {connectionsFile} says where. Stop with Ctrl+C.");
            await Task.Delay(Timeout.Infinite, stop);
        }
        finally
        {
            // Nothing else before PostgreSQL's own stop: who has started us may not wait long.
            File.Delete(connectionsFile);
        }
    }

    private static async Task WriteAsync(string file, EmbeddedInfrastructure infrastructure, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var draft = $"{file}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using (var stream = new FileStream(draft, options))
        {
            await JsonSerializer.SerializeAsync(
                stream,
                new Dictionary<string, string>
                {
                    ["kafka"] = infrastructure.Kafka,
                    ["redis"] = infrastructure.Redis,
                    ["signalflow"] = new NpgsqlConnectionStringBuilder(infrastructure.SignalFlow) { MaxPoolSize = ConnectionsOfAService }.ConnectionString,
                },
                ConnectionsContext.Default.DictionaryStringString,
                stop);
        }

        File.Move(draft, file, overwrite: true);
    }
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class ConnectionsContext : JsonSerializerContext;
