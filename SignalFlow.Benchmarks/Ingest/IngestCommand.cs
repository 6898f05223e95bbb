using System.CommandLine;

namespace SignalFlow.Benchmarks.Ingest;

/// <summary>The verb <c>ingest</c>: a simulated day of the planner. The last line of its output is one JSON object.</summary>
internal static class IngestCommand
{
    public const string Verb = "ingest";

    private const string PlannerScenario = "planner";

    public static Task<int> RunAsync(string[] args)
    {
        string[] names = [.. Scenario.Names, PlannerScenario];
        var scenario = new Option<string>("--scenario") { Description = string.Join(", ", names), DefaultValueFactory = _ => "seed" };
        scenario.AcceptOnlyFromAmong(names);
        var hours = new Option<double?>("--hours") { Description = "Simulated hours; 24, for the scenario planner 1." };
        var seed = new Option<int>("--seed") { Description = "Another seed is another day.", DefaultValueFactory = _ => 1 };
        var rate = new Option<int>("--rate") { Description = "Requests a minute that the planner may send.", DefaultValueFactory = _ => 100 };
        hours.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double?>() is { } value and not (> 0 and <= 24 * 7))
                result.AddError($"--hours must be above 0 and at most {24 * 7}, not {value}.");
        });

        var command = new RootCommand("Requests, completeness, delay and punctuality of ingestion.") { scenario, hours, seed, rate };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetRequiredValue(scenario);
            var duration = TimeSpan.FromHours(parsed.GetValue(hours) ?? (name == PlannerScenario ? 1 : 24));
            if (name == PlannerScenario)
            {
                var planner = await new PlannerRun { Duration = duration, Seed = parsed.GetValue(seed) }.RunAsync(cancellationToken);
                planner.Print(Console.Out);
                Console.WriteLine(planner.ToJson());
                return;
            }

            var report = await new IngestRun
            {
                Scenario = Scenario.Named(name),
                Duration = duration,
                Seed = parsed.GetValue(seed),
                RequestsPerMinute = parsed.GetValue(rate),
                Progress = Console.Out,
            }.RunAsync(cancellationToken);
            report.Print(Console.Out);
            Console.WriteLine(report.ToJson());
        });
        return command.Parse(args).InvokeAsync();
    }
}
