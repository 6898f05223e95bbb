using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Confluent.Kafka;
using SignalFlow.Benchmarks.Pipeline;
using SignalFlow.Contracts;
using SignalFlow.Processing.Decoding;

namespace SignalFlow.Benchmarks;

/// <summary>A message to an observation, beside what the serializer alone takes; an invocation reads <see cref="Messages"/> of them.</summary>
[MemoryDiagnoser]
public class DecodingBenchmarks
{
    private const int Messages = 1_000;

    // 2026-11-24T00:00:00Z
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_795_478_400);

    private readonly ConsumeResult<byte[], byte[]>[] _records = Records();

    [Benchmark(Baseline = true, OperationsPerInvoke = Messages)]
    public int Serializer()
    {
        var sum = 0;
        foreach (var record in _records)
            sum += JsonSerializer.Deserialize(record.Message.Value, ContractsJsonContext.Default.PostObservation)!.Score;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public int Decoder()
    {
        var sum = 0;
        foreach (var record in _records)
        {
            if (ObservationDecoder.TryDecode(record, Now, out var observation) is null)
                sum += observation.Sample.Score;
        }

        return sum;
    }

    private static ConsumeResult<byte[], byte[]>[] Records()
    {
        var posts = new PipelinePosts(TitleCorpus.Load());
        return
        [
            .. Enumerable.Range(0, Messages).Select(posts.Raw).Select(post => new ConsumeResult<byte[], byte[]>
            {
                Message = new()
                {
                    Key = Encoding.UTF8.GetBytes(post.Id),
                    Value = JsonSerializer.SerializeToUtf8Bytes(post, ContractsJsonContext.Default.PostObservation),
                },
            }),
        ];
    }
}
