namespace SignalFlow.Web.Access;

/// <summary>
/// Whether who looks at a page may still see posts: reading is open, or the sign-in is good. For what a circuit shows without asking the API as its user;
/// the API is asked every 30 s at most.
/// </summary>
internal sealed class ReadingCheck(ReadingAccess reading, CurrentUser user, UserSessions sessions)
{
    public async ValueTask<bool> MayReadAsync() =>
        !reading.NeedsSignIn || ((await user.GetAsync()).FindFirst(CurrentUser.SessionClaim)?.Value is { } session && await sessions.IsAcceptedAsync(session));
}
