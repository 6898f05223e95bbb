using System.CommandLine;
using SignalFlow.Embedded;
using SignalFlow.ServiceDefaults;
using SignalFlow.Storage.Migrations;

namespace SignalFlow.Standalone;

/// <summary>The command line: options, their limits, and errors as one sentence with exit code 1.</summary>
internal static class StandaloneCommand
{
    public static RootCommand Create()
    {
        var port = new Option<int>("--port")
        {
            Description = "Port of UI and API on this machine; 0 picks a free one.", DefaultValueFactory = _ => StandaloneOptions.DefaultPort
        };
        var data = new Option<string>("--data") { Description = "Folder that keeps the data between runs.", DefaultValueFactory = _ => "data" };
        var fresh = new Option<bool>("--fresh") { Description = "Start with an empty database." };
        var corpus = new Option<string?>("--corpus") { Description = "Replay the posts of this file (JSON lines, plain or .gz) instead of made-up ones." };
        var rate = new Option<double>("--rate") { Description = "Posts of the corpus per simulated second.", DefaultValueFactory = _ => 1 };
        var speed = new Option<int>("--speed") { Description = "Time lapse of the simulated Reddit, 1 to 600.", DefaultValueFactory = _ => 1 };
        var seed = new Option<int>("--seed") { Description = "Seed of the made-up posts; the same seed makes the same posts.", DefaultValueFactory = _ => 1 };

        Require(port, value => value is >= 0 and <= 65535, "must be between 0 and 65535");
        Require(data, value => !string.IsNullOrWhiteSpace(value), "must name a folder");
        Require(rate, value => value > 0 && double.IsFinite(value), "must be above 0");
        Require(speed, value => value is >= 1 and <= 600, "must be between 1 and 600");

        var command = new RootCommand("SignalFlow in one process: ingestion, processing, API and UI on embedded Kafka, Redis and PostgreSQL.")
        {
            port, data, fresh, corpus, rate, speed, seed,
        };
        command.SetAction((parsed, _) => RunAsync(stop => StandaloneApplication.RunAsync(new()
        {
            Port = parsed.GetValue(port),
            DataFolder = Path.GetFullPath(parsed.GetValue(data)!),
            Fresh = parsed.GetValue(fresh),
            Corpus = parsed.GetValue(corpus) is { } file ? Path.GetFullPath(file) : null,
            Rate = parsed.GetValue(rate),
            Speed = parsed.GetValue(speed),
            Seed = parsed.GetValue(seed),
        }, stop)));
        command.Subcommands.Add(Infrastructure());
        return command;
    }

    private static Command Infrastructure()
    {
        var data = new Option<string>("--data") { Description = "Folder that keeps the database between runs.", DefaultValueFactory = _ => "data" };
        var connections = new Option<string>("--connections") { Description = "File for the connection strings; deleted at the stop.", Required = true };
        Require(data, value => !string.IsNullOrWhiteSpace(value), "must name a folder");
        Require(connections, value => !string.IsNullOrWhiteSpace(value), "must name a file");
        var command = new Command("infrastructure", "Kafka, Redis and PostgreSQL only, for services that run as processes of their own.") { data, connections };
        command.SetAction((parsed, _) => RunAsync(stop => InfrastructureCommand.RunAsync(
            Path.GetFullPath(parsed.GetValue(data)!), Path.GetFullPath(parsed.GetValue(connections)!), stop)));
        return command;
    }

    private static async Task<int> RunAsync(Func<CancellationToken, Task> program)
    {
        using var signals = new StopSignals();
        try
        {
            await program(signals.Stop);
            return 0;
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception exception) when (exception
            is StandaloneException or WrongConfigurationException or EmbeddedInfrastructureException or SchemaException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    private static void Require<T>(Option<T> option, Func<T, bool> isValid, string requirement) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && result.GetValueOrDefault<T>() is { } value && !isValid(value))
            result.AddError($"{option.Name} {requirement}, not {value}.");
    });
}
