using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>How many alerts whoever looks has not taken note of: one question for all that shows it in a circuit.</summary>
internal sealed class NewAlerts(ApiClient api, TimeProvider time)
{
    /// <summary>More are not counted: the number only says that it is worth looking.</summary>
    public const int Most = 9;

    public static readonly TimeSpan Rest = TimeSpan.FromMinutes(1);

    private long? _askedAt;

    public event Action? Changed;

    /// <summary>Up to <see cref="Most"/> and one; null: not known.</summary>
    public int? Count { get; private set; }

    /// <param name="atOnce">Something has just become of them; else it is asked once in <see cref="Rest"/> at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RefreshAsync(bool atOnce, CancellationToken cancellationToken)
    {
        if (!atOnce && _askedAt is { } asked && time.GetElapsedTime(asked) < Rest)
            return;
        _askedAt = time.GetTimestamp();
        var before = Count;
        try
        {
            Count = (await api.GetAlertsAsync(null, "new", null, Most + 1, cancellationToken)).Results.Count;
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !cancellationToken.IsCancellationRequested)
        {
            // The pages say what is wrong; here nothing is said.
            Count = null;
        }

        if (Count != before)
            Changed?.Invoke();
    }
}
