using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;
using SignalFlow.Contracts;
using SignalFlow.Web.Access;

namespace SignalFlow.Web.Live;

/// <summary>SignalFlow's REST API, asked for whoever looks at the page; without a user with the UI's own key, which may only read.</summary>
/// <remarks>
/// Failures are <see cref="ApiException"/> where the API has answered, and otherwise what <see cref="IsAway"/> knows, after the client's own retries;
/// requests that change something are not retried.
/// </remarks>
internal sealed partial class ApiClient(IHttpClientFactory clients, CurrentUser? user = null)
{
    /// <summary>Name of the service, and of the client that has the UI's own key.</summary>
    public const string ServiceName = "api";

    /// <summary>Name of the client that has no key.</summary>
    public const string AsUser = "api-as-user";

    public const string KeyHeader = "X-Api-Key";
    public static readonly Uri ServiceAddress = new("http://" + ServiceName);

    /// <summary>What the UI reads with where reading is not open: <c>Api:ServiceKey</c> of the API, or a key that was made there.</summary>
    public static string? Key(IConfiguration configuration) => configuration["Web:ApiKey"] is { Length: > 0 } key ? key : null;

    /// <summary>The API could not be asked; asking again may help. The client has logged it.</summary>
    public static bool IsAway(Exception exception) =>
        exception is HttpRequestException or OperationCanceledException or JsonException or ExecutionRejectedException;

    public Task<AccessState> GetAccessAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/access/", ContractsJsonContext.Default.AccessState, cancellationToken);

    public Task<PostPage> GetNewestAsync(int pageSize, CancellationToken cancellationToken) =>
        GetPageAsync(string.Create(CultureInfo.InvariantCulture, $"/api/posts/?page_size={pageSize}"), cancellationToken);

    /// <summary>The page at <paramref name="address"/>, which an earlier page named.</summary>
    /// <remarks>Only path and query are taken: the API names itself by the host it was asked under, or by its public one.</remarks>
    public Task<PostPage> GetPageAsync(string address, CancellationToken cancellationToken)
    {
        var path = Uri.TryCreate(address, UriKind.Absolute, out var absolute) && !absolute.IsFile ? absolute.PathAndQuery : address;
        return GetAsync(path, ContractsJsonContext.Default.PostPage, cancellationToken);
    }

    public Task<PostTrails> GetTrailsAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        GetAsync($"/api/posts/trails?ids={Uri.EscapeDataString(string.Join(',', ids))}", ContractsJsonContext.Default.PostTrails, cancellationToken);

    public Task<IngestionView> GetIngestionAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/ingestion/", ContractsJsonContext.Default.IngestionView, cancellationToken);

    public Task<SubredditStatusList> GetSubredditsAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/ingestion/subreddits/", ContractsJsonContext.Default.SubredditStatusList, cancellationToken);

    public Task<PurgePage> GetPurgesAsync(int pageSize, CancellationToken cancellationToken) => GetAsync(
        string.Create(CultureInfo.InvariantCulture, $"/api/ingestion/purges/?page_size={pageSize}"),
        ContractsJsonContext.Default.PurgePage,
        cancellationToken);

    public Task<StorageView> GetStorageAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/storage/", ContractsJsonContext.Default.StorageView, cancellationToken);

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var answer = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        return await ReadAsync(answer, path, type, cancellationToken);
    }

    private async Task<TAnswer> SendAsync<TBody, TAnswer>(
        HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> type, CancellationToken cancellationToken)
        where TAnswer : class
    {
        using var answer = await SendAsync(method, path, () => JsonContent.Create(body, bodyType), cancellationToken);
        return await ReadAsync(answer, path, type, cancellationToken);
    }

    /// <summary>For requests whose answer says nothing more.</summary>
    private async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var answer = await SendAsync(method, path, null, cancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        await answer.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new HttpRequestException($"The API answered '{path}' with null.");

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Func<HttpContent>? content, CancellationToken cancellationToken) =>
        SendAsync(method, path, content, null, cancellationToken);

    /// <param name="method">Of HTTP.</param>
    /// <param name="path">With its query.</param>
    /// <param name="content">Made anew for every attempt; null: none.</param>
    /// <param name="version">What the change is based on, for <c>If-Match</c>; null: the request does not say.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, Func<HttpContent>? content, string? version, CancellationToken cancellationToken)
    {
        var token = user is null ? null : await user.TokenAsync(null, cancellationToken);
        // Whose sign-in has ended reads no more: the UI's own key is for those who never had one.
        if (user is not null && token is null && await user.HasSignedInAsync())
            throw ApiException.SignInEnded();
        var answer = await SendOnceAsync(method, path, content, version, token, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.Unauthorized && token is not null && await user!.TokenAsync(token, cancellationToken) is { } renewed)
        {
            // The token ended before its time: the user was changed.
            answer.Dispose();
            answer = await SendOnceAsync(method, path, content, version, renewed, cancellationToken);
        }

        if (answer.IsSuccessStatusCode)
            return answer;
        using (answer)
            throw await ApiException.OfAsync(answer, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        HttpMethod method, string path, Func<HttpContent>? content, string? version, string? token, CancellationToken cancellationToken)
    {
        var name = token is null ? ServiceName : method != HttpMethod.Get && path.StartsWith("/dlq/", StringComparison.Ordinal) ? AsOperator : AsUser;
        using var client = clients.CreateClient(name);
        using var request = new HttpRequestMessage(method, path) { Content = content?.Invoke() };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (version is not null)
            request.Headers.IfMatch.Add(new($"\"{version}\""));
        return await client.SendAsync(request, cancellationToken);
    }
}
