using System.Globalization;
using BenchmarkDotNet.Running;
using SignalFlow.Benchmarks.Api;
using SignalFlow.Benchmarks.Chaos;
using SignalFlow.Benchmarks.Crash;
using SignalFlow.Benchmarks.Evaluate;
using SignalFlow.Benchmarks.Ingest;
using SignalFlow.Benchmarks.Latency;
using SignalFlow.Benchmarks.Live;
using SignalFlow.Benchmarks.Pipeline;
using SignalFlow.Benchmarks.Pressure;
using SignalFlow.Benchmarks.Soak;
using SignalFlow.Benchmarks.Storage;
using SignalFlow.Benchmarks.Terms;
using SignalFlow.Benchmarks.Text;
using SignalFlow.Benchmarks.Ui;

switch (args)
{
    case [IngestCommand.Verb, .. var rest]:
        return await IngestCommand.RunAsync(rest);
    case [SentimentCommand.Verb, .. var vectors]:
        return await SentimentCommand.RunAsync(vectors);
    case [TopicCommand.Verb, .. var topics]:
        return await TopicCommand.RunAsync(topics);
    case [TermsCommand.Verb, .. var rest]:
        return await TermsCommand.RunAsync(rest);
    case [EnrichCommand.Verb, .. var rest]:
        return await EnrichCommand.RunAsync(rest);
    case [PipelineCommand.Verb, .. var rest]:
        return await PipelineCommand.RunAsync(rest);
    case [LatencyCommand.Verb, .. var rest]:
        return await LatencyCommand.RunAsync(rest);
    case [PipelineServers.Verb]:
        return await PipelineServers.ServeAsync();
    case [StorageCommand.Verb, .. var rest]:
        return await StorageCommand.RunAsync(rest);
    case [ApiCommand.Verb, .. var rest]:
        return await ApiCommand.RunAsync(rest);
    case [LiveCommand.Verb, .. var rest]:
        return await LiveCommand.RunAsync(rest);
    case [LiveClients.Verb, var address, var clients, var idle]:
        return await LiveClients.RunAsync(address, int.Parse(clients, CultureInfo.InvariantCulture), int.Parse(idle, CultureInfo.InvariantCulture));
    case [UiCommand.Verb, .. var rest]:
        return await UiCommand.RunAsync(rest);
    case [EvaluateCommand.Verb, .. var rest]:
        return await EvaluateCommand.RunAsync(rest);
    case [ChaosCommand.Verb, .. var rest]:
        return await ChaosCommand.RunAsync(rest);
    case [PressureCommand.Verb, .. var rest]:
        return await PressureCommand.RunAsync(rest);
    case [SoakCommand.Verb, .. var rest]:
        return await SoakCommand.RunAsync(rest);
    case [CrashCommand.Verb, .. var rest]:
        return await CrashCommand.RunAsync(rest);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
