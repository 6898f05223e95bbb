using System.Globalization;
using System.Net;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>Posts, one and many.</summary>
internal sealed partial class ApiClient
{
    /// <returns>Null: no such post was ever seen.</returns>
    public async Task<PostView?> FindPostAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync($"/api/posts/{Uri.EscapeDataString(id)}/", ContractsJsonContext.Default.PostView, cancellationToken);
        }
        catch (ApiException exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public Task<PostHistory> GetHistoryAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/api/posts/{Uri.EscapeDataString(id)}/history/", ContractsJsonContext.Default.PostHistory, cancellationToken);

    /// <param name="query">As the API has it, with its <c>?</c>; empty for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<PostPage> ListPostsAsync(string query, CancellationToken cancellationToken) =>
        GetAsync("/api/posts/" + query, ContractsJsonContext.Default.PostPage, cancellationToken);

    /// <summary>The same list, the best match first.</summary>
    public Task<PostPage> SearchPostsAsync(string query, CancellationToken cancellationToken) =>
        GetAsync("/api/search/" + query, ContractsJsonContext.Default.PostPage, cancellationToken);

    /// <param name="by"><c>surge</c> or <c>rule</c>.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<TrendingList> GetTrendingAsync(string by, int limit, CancellationToken cancellationToken) => GetAsync(
        string.Create(CultureInfo.InvariantCulture, $"/api/trending/?by={by}&limit={limit}"), ContractsJsonContext.Default.TrendingList, cancellationToken);

    public Task<SavedSearchList> GetSavedSearchesAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/account/searches/", ContractsJsonContext.Default.SavedSearchList, cancellationToken);

    public Task<SavedSearchView> SaveSearchAsync(string name, string query, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, "/api/account/searches/", new(name, query),
        ContractsJsonContext.Default.NewSavedSearch, ContractsJsonContext.Default.SavedSearchView, cancellationToken);

    public Task RemoveSavedSearchAsync(long id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, string.Create(CultureInfo.InvariantCulture, $"/api/account/searches/{id}/"), cancellationToken);
}
