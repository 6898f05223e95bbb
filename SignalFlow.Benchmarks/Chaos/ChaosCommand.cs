using System.CommandLine;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>The verb <c>chaos</c>: a campaign of random faults, after which nothing may be lost, doubled or wrong. The last line is one JSON object.</summary>
internal static class ChaosCommand
{
    public const string Verb = "chaos";

    public static Task<int> RunAsync(string[] args)
    {
        var faults = new Option<int>("--faults") { Description = "How many faults, one after the other.", DefaultValueFactory = _ => 300 };
        var minutes = new Option<int>("--minutes") { Description = "No fault begins later.", DefaultValueFactory = _ => 90 };
        var seed = new Option<int>("--seed") { Description = "Another seed is another stream and other faults.", DefaultValueFactory = _ => 1 };
        var only = new Option<string?>("--only") { Description = "Draws only kinds with this in their name." };
        var folder =
            new Option<string?>("--logs") { Description = "Where the services' logs are kept; else they are deleted after a campaign without findings." };
        folder.Validators.Add(result =>
        {
            // What the simulator answered in an earlier campaign nobody has published in this one.
            if (result.GetValueOrDefault<string?>() is { } path && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
                result.AddError($"--logs: {path} is not empty.");
        });
        faults.Between(0, 10_000);
        minutes.Between(1, 1_440);

        var command = new RootCommand(
            "Disturbs all services at random, and compares what they leave with what was confirmed.") { faults, minutes, seed, only, folder };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = new CampaignOptions
            {
                Faults = parsed.GetValue(faults),
                Time = TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                Seed = parsed.GetValue(seed),
                Only = parsed.GetValue(only),
            };
            var kept = parsed.GetValue(folder);
            var logs = kept is null ? Directory.CreateTempSubdirectory("signalflow-chaos-logs-") : Directory.CreateDirectory(kept);
            var report = await RunAsync(options, logs, Console.Out, cancellationToken);
            if (kept is null && report.IsClean)
                logs.Delete(recursive: true);
            else
                Console.WriteLine($"logs: {logs.FullName}");
            Console.WriteLine(report.ToJson());
            return report is { IsClean: true, IsSoon: true } ? 0 : 1;
        });
        return command.Parse(args).InvokeAsync();
    }

    /// <param name="options">What is drawn.</param>
    /// <param name="logs">Gets the services' logs and the files of the simulator.</param>
    /// <param name="output">Told of each fault.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ChaosReport> RunAsync(CampaignOptions options, DirectoryInfo logs, TextWriter output, CancellationToken cancellationToken)
    {
        var disk = Directory.CreateTempSubdirectory("signalflow-chaos-disk-");
        try
        {
            await using var servers = await ChaosServers.StartAsync(disk.FullName, options.DiskMebibytes, cancellationToken);
            if (!servers.IsSmallDisk)
                await output.WriteLineAsync("The disk is not filled: only root may give the database one of its own.");
            await using var services = new ChaosServices(logs.FullName, servers, output);
            return await new Campaign(options, servers, services, output).RunAsync(cancellationToken);
        }
        finally
        {
            disk.Delete(recursive: true);
        }
    }
}
