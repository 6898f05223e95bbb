namespace SignalFlow.Ingestion.Reddit;

/// <summary>Since when Reddit has not been answering, whatever the request. A refusal is an answer.</summary>
internal sealed class RedditAvailability
{
    private volatile Outage? _outage;

    public Outage? Current => _outage;

    public void Note(RedditAnswer answer) =>
        _outage = answer is RedditAnswer.Failed or RedditAnswer.Throttled or RedditAnswer.NoToken
            or RedditAnswer.Refused { Reason: RefusalReason.Blocked }
            ? new Outage(_outage?.Since ?? answer.ArrivedAt, answer.Outcome)
            : null;

    internal sealed record Outage(DateTimeOffset Since, string Outcome);
}
