using System.Diagnostics.Metrics;

namespace SignalFlow.Api.Answers;

internal sealed class AnswerCacheMetrics
{
    public const string FromProcess = "process";
    public const string FromRedis = "redis";
    public const string Made = "made";

    private readonly Counter<long> _answers;

    public AnswerCacheMetrics(IMeterFactory meters)
    {
        _answers = meters.Create("SignalFlow.Api").CreateCounter<long>(
            "signalflow_kept_answers", description: "Answers that are kept, by where they came from.");
        foreach (var source in (string[])[FromProcess, FromRedis, Made])
            _answers.Add(0, new KeyValuePair<string, object?>("source", source));
    }

    public void Answered(string source) => _answers.Add(1, new KeyValuePair<string, object?>("source", source));
}
