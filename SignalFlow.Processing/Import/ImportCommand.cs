using Npgsql;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Processing.Import;

/// <summary><c>SignalFlow.Processing import --from "..."</c>: brings over what the original system has stored. One way, as often as wanted.</summary>
internal static class ImportCommand
{
    // So that no password has to stand on a command line, which every user of the machine can read.
    private const string SourceVariable = "SIGNALFLOW_IMPORT_FROM";

    private const string Usage = $"""
        Usage: SignalFlow.Processing import --from "Host=...;Port=5432;Database=reddit;Username=...;Password=..."
        Without --from the connection string of the original system's database is taken from the environment variable {SourceVariable}.
        The target is ConnectionStrings:signalflow.
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (Source(arguments) is not { Length: > 0 } source)
            return await FailAsync(Usage);

        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddServiceDefaults();
        builder.AddPostStorage();
        builder.AddPostImport();
        using var host = builder.Build();
        using var stop = new StopRequest();
        var report = new ImportReport(Console.Out, host.Services.GetRequiredService<TimeProvider>());
        try
        {
            host.ThrowIfMisconfigured();
            await ImportAsync(host.Services, source, report, stop.Token);
            report.Summary();
            return 0;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            report.Summary();
            await Console.Error.WriteLineAsync("Interrupted. What is stored stays; the next run finds it unchanged and goes on.");
            return StopRequest.ExitCode;
        }
        catch (Exception exception) when (exception is ImportException or SchemaException or WrongConfigurationException)
        {
            return await FailAsync(exception.Message);
        }
        catch (Exception exception) when (exception.IsOfDatabase())
        {
            return await FailAsync($"{exception.Message.TrimEnd('.')}. What is stored stays; the next run finds it unchanged and goes on.");
        }
    }

    private static async Task ImportAsync(IServiceProvider services, string connectionString, ImportReport report, CancellationToken stop)
    {
        if (!await services.GetRequiredService<DatabaseMigrator>().HasSchemaAsync(stop))
            throw new ImportException("The target has not the schema of this program. Run 'SignalFlow.Processing migrate' first.");
        await using var source = await OriginalDatabase.OpenAsync(connectionString, services.GetRequiredService<NpgsqlDataSource>(), stop);
        await services.GetRequiredService<SubredditImport>().RunAsync(source, report, stop);
        await services.GetRequiredService<PostImport>().RunAsync(source, report, stop);
    }

    private static string? Source(string[] arguments) => arguments switch
    {
        [] => Environment.GetEnvironmentVariable(SourceVariable),
        ["--from", var source] => source,
        [var only] when only.StartsWith("--from=", StringComparison.Ordinal) => only["--from=".Length..],
        _ => null,
    };

    private static async Task<int> FailAsync(string message)
    {
        await Console.Error.WriteLineAsync(message);
        return 1;
    }
}
