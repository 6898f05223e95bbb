using System.CommandLine;
using SignalFlow.Benchmarks.Chaos;

namespace SignalFlow.Benchmarks.Soak;

/// <summary>The verb <c>soak</c>: hours under load, in which nothing may grow. The last line is one JSON object.</summary>
internal static class SoakCommand
{
    public const string Verb = "soak";

    private const int RetentionDays = 30;
    // Simulated: what Ingestion remembers is full after 12 minutes, long before memory is measured.
    private const int RefreshHours = 4;

    public static Task<int> RunAsync(string[] args)
    {
        var minutes = new Option<int>("--minutes") { Description = "How long.", DefaultValueFactory = _ => 120 };
        var rate = new Option<int>("--rate") { Description = "Messages a second, beside those of ingestion.", DefaultValueFactory = _ => 250 };
        minutes.Between(3, 1_440);
        rate.Between(1, 5_000);
        var command = new RootCommand("Keeps all services under load, and tells what it does to their memory, handles and flush times.") { minutes, rate };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await RunAsync(parsed.GetValue(minutes), parsed.GetValue(rate), cancellationToken);
            Console.WriteLine(report.ToJson());
            return report.IsClean ? 0 : 1;
        });
        return command.Parse(args).InvokeAsync();
    }

    private static async Task<SoakReport> RunAsync(int minutes, int rate, CancellationToken cancellationToken)
    {
        var logs = Directory.CreateTempSubdirectory("signalflow-soak-");
        var disk = Directory.CreateTempSubdirectory("signalflow-soak-disk-");
        try
        {
            await using var servers = await ChaosServers.StartAsync(disk.FullName, mebibytes: null, cancellationToken);
            await using var services = new ChaosServices(logs.FullName, servers, Console.Out, RetentionDays, RefreshHours, SoakStream.IngestionShards);
            return await new SoakRun(minutes, rate, servers, services, Console.Out).RunAsync(cancellationToken);
        }
        finally
        {
            disk.Delete(recursive: true);
            logs.Delete(recursive: true);
        }
    }
}
