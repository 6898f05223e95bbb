using Microsoft.AspNetCore.Components;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Account;

/// <summary>The API keys of whoever looks.</summary>
public sealed partial class OwnKeys
{
    private readonly HashSet<string> _scopes = ["read", "live"];
    private IReadOnlyList<ApiKeyView>? _keys;
    private DateTimeOffset _at;
    private string _name = "";
    private int _days = 90;
    private Admin.RequestProblem? _problem;
    private CreatedApiKey? _secret;

    /// <summary>Of whoever looks: what a key can be given.</summary>
    [Parameter, EditorRequired]
    public required string Role { get; set; }

    protected override async Task ReadAsync()
    {
        _keys = (await Api.GetOwnKeysAsync(Closing)).Results;
        _at = Time.GetUtcNow();
    }

    private void Choose(string scope, bool wanted)
    {
        if (wanted)
            _scopes.Add(scope);
        else
            _scopes.Remove(scope);
    }

    private async Task AddAsync()
    {
        if (IsBusy)
            return;
        var name = _name.Trim();
        var key = new NewApiKey(
            name,
            [.. KeyScopes.AllowedTo(Role).Select(scope => scope.Name).Where(_scopes.Contains)],
            _days == 0 ? null : Time.GetUtcNow().AddDays(_days));
        _problem = null;
        if (!await ChangeAsync(async () => _secret = await Api.AddOwnKeyAsync(key, Closing), () => $"The key “{name}” is made."))
        {
            if (ChangeProblem?.Errors.Count > 0)
                (_problem, ChangeProblem) = (ChangeProblem, null);
            return;
        }

        _name = "";
        await RefreshAsync();
    }

    private async Task RevokeAsync(ApiKeyView key)
    {
        if (!await ChangeAsync(() => Api.RevokeOwnKeyAsync(key.Id, Closing), () => $"The key “{key.Name}” is revoked."))
            return;
        // Nobody needs to copy it any more.
        if (_secret?.Key.Id == key.Id)
            _secret = null;
        await RefreshAsync();
    }
}
