using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Admin;

/// <summary>Who may sign in, and as what.</summary>
public sealed partial class UserTable
{
    private IReadOnlyList<UserView>? _users;
    private DateTimeOffset _at;
    private Guid? _open;
    private RequestProblem? _editProblem;
    private (string What, string Text)? _secret;

    /// <summary>Name of whoever looks.</summary>
    [Parameter, EditorRequired]
    public required string Me { get; set; }

    protected override async Task ReadAsync()
    {
        _users = (await Api.GetUsersAsync(Closing)).Results;
        _at = Time.GetUtcNow();
    }

    private bool IsMe(UserView user) => string.Equals(user.Username, Me, StringComparison.OrdinalIgnoreCase);

    private void Open(UserView user) => (_open, _editProblem, ChangeProblem) = (_open == user.Id ? null : user.Id, null, null);

    private async Task<RequestProblem?> AddAsync(NewUser user)
    {
        if (IsBusy)
            return ChangeProblem;
        if (!await ChangeAsync(() => Api.AddUserAsync(user, Closing), () => $"{user.Username} is added."))
        {
            var problem = ChangeProblem;
            if (problem?.Errors.Count > 0)
                ChangeProblem = null;
            // The form that asked is drawn by itself, but not what is around it.
            StateHasChanged();
            return problem;
        }

        _secret = ($"Password of {user.Username}", user.Password!);
        await RefreshAsync();
        return null;
    }

    private async Task EditAsync(UserView user, UserChange change)
    {
        _editProblem = null;
        if (!await ChangeAsync(() => Api.ChangeUserAsync(user.Id, change, Closing), () => Words(user, change)))
        {
            if (ChangeProblem?.Errors.Count > 0)
                (_editProblem, ChangeProblem) = (ChangeProblem, null);
            return;
        }

        if (change.Password is { } password)
            _secret = ($"Password of {user.Username}", password);
        _open = null;
        await RefreshAsync();
    }

    private async Task EndSessionsAsync(UserView user)
    {
        if (await ChangeAsync(() => Api.EndUserSessionsAsync(user.Id, Closing), () => $"{user.Username} is signed out everywhere."))
            await RefreshAsync();
    }

    private async Task RemoveAsync(UserView user)
    {
        if (!await ChangeAsync(() => Api.RemoveUserAsync(user.Id, Closing), () => $"{user.Username} is deleted, with all API keys."))
            return;
        _open = null;
        await RefreshAsync();
    }

    private static string Words(UserView user, UserChange change) => change switch
    {
        { Password: not null } => $"{user.Username} has a new password and is signed out everywhere.",
        { IsActive: false } => $"{user.Username} is deactivated and signed out everywhere.",
        { IsActive: true } => $"{user.Username} may sign in again.",
        _ => $"{user.Username} is {change.Role} now.",
    };
}
