using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>SignalFlow's REST API. Failures are <see cref="HttpRequestException"/> after the client's own retries.</summary>
internal sealed partial class ApiClient(IHttpClientFactory clients)
{
    public const string ServiceName = "api";
    public const string KeyHeader = "X-Api-Key";
    public static readonly Uri ServiceAddress = new("http://" + ServiceName);

    /// <summary>What the UI reads with where reading is not open: <c>Api:ServiceKey</c> of the API, or a key that was made there.</summary>
    public static string? Key(IConfiguration configuration) => configuration["Web:ApiKey"] is { Length: > 0 } key ? key : null;

    public Task<PostPage> GetNewestAsync(int pageSize, CancellationToken cancellationToken) =>
        GetPageAsync(string.Create(CultureInfo.InvariantCulture, $"/api/posts/?page_size={pageSize}"), cancellationToken);

    /// <summary>The page at <paramref name="address"/>, which an earlier page named.</summary>
    /// <remarks>Only path and query are taken: the API names itself by the host it was asked under, or by its public one.</remarks>
    public Task<PostPage> GetPageAsync(string address, CancellationToken cancellationToken)
    {
        var path = Uri.TryCreate(address, UriKind.Absolute, out var absolute) && !absolute.IsFile ? absolute.PathAndQuery : address;
        return GetAsync(path, ContractsJsonContext.Default.PostPage, cancellationToken);
    }

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

    public Task<DeadLetterStats> GetDeadLetterStatsAsync(CancellationToken cancellationToken) =>
        GetAsync("/dlq/stats/", ContractsJsonContext.Default.DeadLetterStats, cancellationToken);

    public Task<DeadLetterPage> GetDeadLettersAsync(int pageSize, CancellationToken cancellationToken) => GetAsync(
        string.Create(CultureInfo.InvariantCulture, $"/dlq/?page_size={pageSize}"), ContractsJsonContext.Default.DeadLetterPage, cancellationToken);

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var client = clients.CreateClient(ServiceName);
        return await client.GetFromJsonAsync(path, type, cancellationToken)
            ?? throw new HttpRequestException($"The API answered '{path}' with null.");
    }
}
