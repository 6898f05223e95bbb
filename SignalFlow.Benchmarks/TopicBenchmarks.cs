using BenchmarkDotNet.Attributes;
using SignalFlow.Processing.Topics;

namespace SignalFlow.Benchmarks;

/// <summary>The topic cluster of one post; an invocation reads <see cref="TitleCorpus.Count"/> of them.</summary>
[MemoryDiagnoser]
public class TopicBenchmarks
{
    private readonly TitleCorpus _corpus = TitleCorpus.Load();

    [Benchmark(Baseline = true, OperationsPerInvoke = TitleCorpus.Count)]
    public int Title()
    {
        var sum = 0;
        foreach (var (title, _) in _corpus.Posts)
            sum ^= TopicCluster.Of(title, null) ?? 0;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = TitleCorpus.Count)]
    public int Link()
    {
        var sum = 0;
        foreach (var (title, _) in _corpus.Posts)
            sum ^= TopicCluster.Of(title, "https://www.example.org/2026/11/24/a-story?utm_source=reddit&id=7") ?? 0;
        return sum;
    }
}
