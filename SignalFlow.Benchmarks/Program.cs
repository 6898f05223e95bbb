using BenchmarkDotNet.Running;
using SignalFlow.Benchmarks.Ingest;
using SignalFlow.Benchmarks.Text;

if (args is [IngestCommand.Verb, .. var rest])
    return await IngestCommand.RunAsync(rest);
if (args is [SentimentCommand.Verb, .. var vectors])
    return await SentimentCommand.RunAsync(vectors);
if (args is [TopicCommand.Verb, .. var topics])
    return await TopicCommand.RunAsync(topics);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
