using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.WebUtilities;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>What administrators see and change; operators may see the subreddits.</summary>
internal sealed partial class ApiClient
{
    private const string SubredditsPath = "/api/admin/subreddits/";

    /// <summary>All of them, by name.</summary>
    public async Task<IReadOnlyList<ConfiguredSubreddit>> GetConfiguredSubredditsAsync(CancellationToken cancellationToken)
    {
        var all = new List<ConfiguredSubreddit>();
        for (var path = SubredditsPath + "?page_size=500"; path is not null;)
        {
            var page = await GetAsync(path, ContractsJsonContext.Default.ConfiguredSubredditPage, cancellationToken);
            all.AddRange(page.Results);
            path = page.Next is { } next ? new Uri(ServiceAddress, next).PathAndQuery : null;
        }

        return all;
    }

    public Task<ConfiguredSubreddit> AddSubredditAsync(SubredditChange subreddit, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, SubredditsPath, subreddit,
        ContractsJsonContext.Default.SubredditChange, ContractsJsonContext.Default.ConfiguredSubreddit, cancellationToken);

    /// <param name="name">Of the subreddit.</param>
    /// <param name="version">That was seen: what somebody else has changed since is not written over.</param>
    /// <param name="change">Its interval counts, also when it is null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ConfiguredSubreddit> ChangeSubredditAsync(
        string name, string version, SubredditChange change, CancellationToken cancellationToken)
    {
        var path = SubredditPath(name);
        using var answer = await SendAsync(
            HttpMethod.Patch, path, () => JsonContent.Create(change, ContractsJsonContext.Default.SubredditChange), version, cancellationToken);
        return await ReadAsync(answer, path, ContractsJsonContext.Default.ConfiguredSubreddit, cancellationToken);
    }

    public async Task DeleteSubredditAsync(string name, string version, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(HttpMethod.Delete, SubredditPath(name), null, version, cancellationToken);
    }

    public async Task<ConfiguredSubreddit> ActivateSubredditAsync(string name, bool active, CancellationToken cancellationToken)
    {
        var path = SubredditPath(name) + (active ? "resume" : "pause");
        using var answer = await SendAsync(HttpMethod.Post, path, null, cancellationToken);
        return await ReadAsync(answer, path, ContractsJsonContext.Default.ConfiguredSubreddit, cancellationToken);
    }

    /// <param name="csv">The file.</param>
    /// <param name="dryRun">Only says what would be done.</param>
    /// <param name="partial">Leaves out the lines that are refused; else one of them keeps all others out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SubredditImportReport> ImportSubredditsAsync(byte[] csv, bool dryRun, bool partial, CancellationToken cancellationToken)
    {
        var path = $"{SubredditsPath}import?dry_run={(dryRun ? "true" : "false")}&partial={(partial ? "true" : "false")}";
        using var answer = await SendAsync(
            HttpMethod.Post, path, () => new ByteArrayContent(csv) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } }, cancellationToken);
        return await ReadAsync(answer, path, ContractsJsonContext.Default.SubredditImportReport, cancellationToken);
    }

    public Task<UserList> GetUsersAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/admin/users/", ContractsJsonContext.Default.UserList, cancellationToken);

    public Task<UserView> AddUserAsync(NewUser user, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, "/api/admin/users/", user, ContractsJsonContext.Default.NewUser, ContractsJsonContext.Default.UserView, cancellationToken);

    public Task<UserView> ChangeUserAsync(Guid id, UserChange change, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Patch, UserPath(id), change, ContractsJsonContext.Default.UserChange, ContractsJsonContext.Default.UserView, cancellationToken);

    public Task RemoveUserAsync(Guid id, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, UserPath(id), cancellationToken);

    public Task EndUserSessionsAsync(Guid id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, UserPath(id) + "sessions/", cancellationToken);

    public Task<ApiKeyList> GetAllKeysAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/admin/keys/", ContractsJsonContext.Default.ApiKeyList, cancellationToken);

    public Task RevokeKeyAsync(long id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"/api/admin/keys/{id}/"), cancellationToken);

    public Task RotateSigningKeyAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "/api/admin/signing-keys/rotate/", cancellationToken);

    /// <param name="query">As the API has it; what is empty is left out.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<AuditPage> GetAuditAsync(IEnumerable<KeyValuePair<string, string?>> query, CancellationToken cancellationToken) => GetAsync(
        QueryHelpers.AddQueryString("/api/admin/audit/", query.Where(field => !string.IsNullOrEmpty(field.Value))),
        ContractsJsonContext.Default.AuditPage,
        cancellationToken);

    private static string SubredditPath(string name) => $"{SubredditsPath}{Uri.EscapeDataString(name)}/";

    private static string UserPath(Guid id) => $"/api/admin/users/{id}/";
}
