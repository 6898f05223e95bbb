using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Storage;

internal static class StorageEndpoints
{
    public static RouteGroupBuilder MapStorage(this IEndpointRouteBuilder endpoints)
    {
        var storage = endpoints.MapGroup("/api/storage").WithTags("Storage");
        storage.MapGet("/", GetAsync).WithName("GetStorage").WithSummary("Partitions or chunks, sizes, compression, and the last runs of the storage's jobs.");
        return storage;
    }

    private static async Task<Ok<StorageView>> GetAsync(StorageQueries storage, CancellationToken cancellationToken) =>
        TypedResults.Ok(await storage.GetAsync(cancellationToken));
}
