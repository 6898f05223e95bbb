namespace SignalFlow.Web.Access;

/// <summary>
/// Whether posts may be shown to anybody; the API says so at each connect of the live stream, before any post comes. Until then there is nothing to show.
/// </summary>
internal sealed class ReadingAccess
{
    private volatile bool _needsSignIn;

    public bool NeedsSignIn
    {
        get => _needsSignIn;
        set => _needsSignIn = value;
    }
}
