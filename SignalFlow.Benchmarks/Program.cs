using BenchmarkDotNet.Running;
using SignalFlow.Benchmarks.Ingest;
using SignalFlow.Benchmarks.Text;

if (args is [IngestCommand.Verb, .. var rest])
    return await IngestCommand.RunAsync(rest);
if (args is [SentimentCommand.Verb, .. var vectors])
    return await SentimentCommand.RunAsync(vectors);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
