using BenchmarkDotNet.Running;
using SignalFlow.Benchmarks.Ingest;

if (args is [IngestCommand.Verb, .. var rest])
    return await IngestCommand.RunAsync(rest);

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
