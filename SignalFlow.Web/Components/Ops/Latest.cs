using SignalFlow.Web.Live;

namespace SignalFlow.Web.Components.Ops;

/// <summary>What the API last said of one thing. It stays while the API says nothing more.</summary>
internal sealed class Latest<T>(string name, Func<CancellationToken, Task<T>> ask, TimeProvider time) : ILatest
    where T : class
{
    public string Name => name;

    public bool IsKnown => Value is not null;

    public T? Value { get; private set; }

    public Exception? Failure { get; private set; }

    /// <summary>How long the answer took.</summary>
    public TimeSpan Took { get; private set; }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            Value = await ask(cancellationToken);
            Took = time.GetElapsedTime(started);
            Failure = null;
        }
        catch (Exception exception) when (ApiClient.IsAway(exception) && !cancellationToken.IsCancellationRequested)
        {
            Failure = exception;
        }
    }
}

internal interface ILatest
{
    string Name { get; }

    /// <summary>It was answered once.</summary>
    bool IsKnown { get; }

    /// <summary>Of the last question; null: it was answered.</summary>
    Exception? Failure { get; }

    Task RefreshAsync(CancellationToken cancellationToken);
}
