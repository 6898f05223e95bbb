using System.Globalization;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>What belongs to whoever is signed in.</summary>
internal sealed partial class ApiClient
{
    public Task<ApiKeyList> GetOwnKeysAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/account/keys/", ContractsJsonContext.Default.ApiKeyList, cancellationToken);

    public Task<CreatedApiKey> AddOwnKeyAsync(NewApiKey key, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, "/api/account/keys/", key, ContractsJsonContext.Default.NewApiKey, ContractsJsonContext.Default.CreatedApiKey, cancellationToken);

    public Task RevokeOwnKeyAsync(long id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"/api/account/keys/{id}/"), cancellationToken);

    /// <summary>Ends all sign-ins of whoever is signed in, also this one.</summary>
    public async Task ChangePasswordAsync(PasswordChange change, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(
            HttpMethod.Post, "/api/account/password/", () => JsonContent.Create(change, ContractsJsonContext.Default.PasswordChange), cancellationToken);
    }
}
