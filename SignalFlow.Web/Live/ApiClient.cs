using System.Globalization;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>SignalFlow's REST API. Failures are <see cref="HttpRequestException"/> after the client's own retries.</summary>
internal sealed class ApiClient(IHttpClientFactory clients)
{
    public const string ServiceName = "api";
    public static readonly Uri ServiceAddress = new("http://" + ServiceName);

    public Task<PostPage> GetNewestAsync(int pageSize, CancellationToken cancellationToken) =>
        GetPageAsync(string.Create(CultureInfo.InvariantCulture, $"/api/posts/?page_size={pageSize}"), cancellationToken);

    /// <summary>The page at <paramref name="address"/>, which an earlier page named.</summary>
    /// <remarks>Only path and query are taken: the API names itself by the host it was asked under, or by its public one.</remarks>
    public async Task<PostPage> GetPageAsync(string address, CancellationToken cancellationToken)
    {
        var path = Uri.TryCreate(address, UriKind.Absolute, out var absolute) && !absolute.IsFile ? absolute.PathAndQuery : address;
        using var client = clients.CreateClient(ServiceName);
        return await client.GetFromJsonAsync(path, ContractsJsonContext.Default.PostPage, cancellationToken)
            ?? throw new HttpRequestException($"The API answered '{path}' with null.");
    }
}
