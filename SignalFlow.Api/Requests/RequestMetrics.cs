using System.Diagnostics.Metrics;

namespace SignalFlow.Api.Requests;

internal sealed class RequestMetrics
{
    private readonly Counter<long> _limited;

    public RequestMetrics(IMeterFactory meters) =>
        _limited = meters.Create("SignalFlow.Api").CreateCounter<long>(
            "signalflow_api_limited",
            description: "Requests refused by a limit of how many there may be in a minute or at a time, by what the limit is of.");

    public void Limited(string kind) => _limited.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
