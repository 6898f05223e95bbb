using System.CommandLine;

namespace SignalFlow.Benchmarks.Pipeline;

/// <summary>The verb <c>pipeline</c>: from Kafka to PostgreSQL, beside the limit that writing alone sets. The last line is one JSON object.</summary>
internal static class PipelineCommand
{
    public const string Verb = "pipeline";

    public static Task<int> RunAsync(string[] args)
    {
        var messages = new Option<int>("--messages") { Description = "Messages of each phase.", DefaultValueFactory = _ => 40_000 };
        var quick = new Option<bool>("--quick") { Description = "Batches of 50 and 1,000 and one consumer only." };
        messages.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value and (< 1_000 or > PipelineServers.MostMessages))
                result.AddError($"--messages must be between 1000 and {PipelineServers.MostMessages}, not {value}: the embedded broker keeps 5 MiB a partition.");
        });

        var command = new RootCommand("Throughput, flush times, CPU and memory of processing, and the limit of its statements.") { messages, quick };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var isQuick = parsed.GetValue(quick);
            var run = new PipelineRun
            {
                Messages = parsed.GetValue(messages),
                BatchSizes = isQuick ? [50, 1_000] : [50, 500, 1_000],
                Consumers = isQuick ? [1] : [1, 3],
                Output = Console.Out,
            };
            Console.WriteLine((await run.RunAsync(cancellationToken)).ToJson());
        });
        return command.Parse(args).InvokeAsync();
    }
}
