using System.CommandLine;
using System.Globalization;
using Npgsql;
using SignalFlow.Embedded;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>The verb <c>crash</c>: processing is killed again and again, and nothing may be lost. The last line is one JSON object.</summary>
internal static class CrashCommand
{
    public const string Verb = "crash";

    private const int MostMessages = 200_000;
    private const int ShownDifferences = 20;

    public static Task<int> RunAsync(string[] args)
    {
        var kills = new Option<int>("--kills") { Description = "How often processing is killed.", DefaultValueFactory = _ => 50 };
        var messages = new Option<int>("--messages") { Description = "Messages of the stream.", DefaultValueFactory = _ => 50_000 };
        var consumers = new Option<int>("--consumers") { Description = "Consumers of the process that is killed.", DefaultValueFactory = _ => 3 };
        var seed = new Option<int>("--seed") { Description = "Another seed is another stream and other moments.", DefaultValueFactory = _ => 1 };
        kills.Between(0, 1_000);
        messages.Between(1_000, MostMessages);
        consumers.Between(1, StreamServers.Partitions);

        var command = new RootCommand("Kills processing in full flow and compares what it leaves with an undisturbed run.")
        {
            kills, messages, consumers, seed,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await RunAsync(
                new()
                {
                    Kills = parsed.GetValue(kills),
                    Messages = parsed.GetValue(messages),
                    Consumers = parsed.GetValue(consumers),
                    Seed = parsed.GetValue(seed),
                    Output = Console.Out,
                },
                cancellationToken);
            foreach (var difference in report.Differing.Take(ShownDifferences))
                Console.WriteLine(difference);
            Console.WriteLine(report.ToJson());
            return report.IsClean ? 0 : 1;
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<CrashReport> RunAsync(CrashRun run, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("signalflow-crash-");
        var options = new EmbeddedPostgresOptions { DataFolder = folder.FullName, MaxConnections = 200 };
        try
        {
            await using var postgres = await EmbeddedPostgres.StartAsync(options, cancellationToken);
            var databases = 0;
            return await run.RunAsync(
                async () =>
                {
                    var name = string.Create(CultureInfo.InvariantCulture, $"crash_{++databases}");
                    await postgres.CreateDatabaseAsync(name, cancellationToken);
                    return new NpgsqlConnectionStringBuilder(postgres.ConnectionString(name)) { MaxPoolSize = 20 }.ConnectionString;
                },
                cancellationToken);
        }
        finally
        {
            await EmbeddedPostgres.DeleteAsync(options, CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }
}
