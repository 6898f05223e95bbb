using System.CommandLine;
using System.Text.Json;
using SignalFlow.Benchmarks.Chaos;

namespace SignalFlow.Benchmarks.Pressure;

/// <summary>The verb <c>pressure</c>: more than can be stored. The last line is one JSON array.</summary>
internal static class PressureCommand
{
    public const string Verb = "pressure";

    public static Task<int> RunAsync(string[] args)
    {
        var minutes = new Option<double>("--minutes") { Description = "How long more comes than can be stored.", DefaultValueFactory = _ => 10 };
        minutes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is var value and not (>= 0.1 and <= 60))
                result.AddError($"--minutes must be between 0.1 and 60, not {value}.");
        });
        var command = new RootCommand("A backlog, a stream that is too fast, and a slow database: memory, order, and the time to catch up.") { minutes };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var reports = new List<PressureReport>();
            foreach (var scenario in PressureScenario.All(parsed.GetValue(minutes)))
            {
                var report = await RunAsync(scenario, Console.Out, cancellationToken);
                Console.WriteLine(report.ToJson());
                reports.Add(report);
            }

            Console.WriteLine(JsonSerializer.Serialize(reports, PressureJsonContext.Default.ListPressureReport));
            return reports.TrueForAll(report => report.IsClean) ? 0 : 1;
        });
        return command.Parse(args).InvokeAsync();
    }

    /// <param name="scenario">What presses.</param>
    /// <param name="output">Told of what is wrong.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<PressureReport> RunAsync(PressureScenario scenario, TextWriter output, CancellationToken cancellationToken)
    {
        var logs = Directory.CreateTempSubdirectory("signalflow-pressure-");
        var disk = Directory.CreateTempSubdirectory("signalflow-pressure-disk-");
        try
        {
            await using var servers = await ChaosServers.StartAsync(disk.FullName, mebibytes: null, cancellationToken);
            await using var services = new ChaosServices(logs.FullName, servers, output);
            return await new PressureRun(scenario, servers, services, output).RunAsync(cancellationToken);
        }
        finally
        {
            disk.Delete(recursive: true);
            logs.Delete(recursive: true);
        }
    }
}
