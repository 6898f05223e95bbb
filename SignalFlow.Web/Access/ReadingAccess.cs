namespace SignalFlow.Web.Access;

/// <summary>
/// Whether posts may be shown to anybody. The API says so, before each connect of the live stream and whether or not that comes about; until it has said so
/// once, posts are for nobody who is not signed in.
/// </summary>
internal sealed class ReadingAccess
{
    private readonly TaskCompletionSource _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _needsSignIn = true;

    /// <summary>Ends when the API has said so for the first time.</summary>
    public Task Known => _known.Task;

    public bool NeedsSignIn
    {
        get => _needsSignIn;
        set
        {
            _needsSignIn = value;
            _known.TrySetResult();
        }
    }
}
