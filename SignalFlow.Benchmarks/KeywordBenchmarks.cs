using BenchmarkDotNet.Attributes;
using SignalFlow.Processing.Keywords;

namespace SignalFlow.Benchmarks;

/// <summary>Keywords of one post; an invocation reads <see cref="TitleCorpus.Count"/> of them.</summary>
[MemoryDiagnoser]
public class KeywordBenchmarks
{
    private readonly TitleCorpus _corpus = TitleCorpus.Load();

    [Benchmark(Baseline = true, OperationsPerInvoke = TitleCorpus.Count)]
    public int Title()
    {
        var sum = 0;
        foreach (var (title, _) in _corpus.Posts)
            sum += KeywordExtractor.Extract(title, null).Length;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = TitleCorpus.Count)]
    public int TitleAndBody()
    {
        var sum = 0;
        foreach (var (title, body) in _corpus.Posts)
            sum += KeywordExtractor.Extract(title, body).Length;
        return sum;
    }
}
