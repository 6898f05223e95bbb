using BenchmarkDotNet.Attributes;
using SignalFlow.Processing.Sentiment;

namespace SignalFlow.Benchmarks;

/// <summary>Scoring one title; an invocation scores <see cref="TitleCorpus.Count"/> of them.</summary>
[MemoryDiagnoser]
public class SentimentBenchmarks
{
    private readonly VaderAnalyzer _analyzer = new();
    private readonly TitleCorpus _corpus = TitleCorpus.Load();

    [Benchmark(OperationsPerInvoke = TitleCorpus.Count)]
    public double Score()
    {
        var sum = 0.0;
        foreach (var (title, _) in _corpus.Posts)
            sum += _analyzer.Score(title).Compound;
        return sum;
    }
}

/// <summary>Reading the lexicon and the emoji names, once a process.</summary>
[MemoryDiagnoser]
public class SentimentLoadBenchmarks
{
    [Benchmark]
    public object Load() => new VaderAnalyzer();
}
