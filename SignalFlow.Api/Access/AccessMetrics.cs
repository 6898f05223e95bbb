using System.Diagnostics.Metrics;

namespace SignalFlow.Api.Access;

internal sealed class AccessMetrics
{
    private readonly Counter<long> _signIns;
    private readonly Counter<long> _refreshes;

    public AccessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("SignalFlow.Api");
        _signIns = meter.CreateCounter<long>("signalflow_sign_ins", description: "Sign-ins with a password, by outcome.");
        _refreshes = meter.CreateCounter<long>("signalflow_token_refreshes", description: "Refreshes of access tokens, by outcome.");
    }

    public void SignedIn(string outcome) => _signIns.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
    public void Refreshed(string outcome) => _refreshes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
