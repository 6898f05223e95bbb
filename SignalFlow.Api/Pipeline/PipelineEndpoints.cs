using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.Contracts;
using SignalFlow.Storage.Pipeline;

namespace SignalFlow.Api.Pipeline;

internal static class PipelineEndpoints
{
    public static RouteGroupBuilder MapPipeline(this IEndpointRouteBuilder endpoints)
    {
        var pipeline = endpoints.MapGroup("/api/pipeline").WithTags("Pipeline");
        pipeline.MapGet("/", GetAsync)
            .WithName("GetPipeline").WithSummary("The processes from Kafka to the database, their speed, and how far they are behind.");
        return pipeline;
    }

    private static async Task<Ok<PipelineView>> GetAsync(PipelineStateStore states, CancellationToken cancellationToken) =>
        TypedResults.Ok(PipelineSummary.Of(await states.GetAsync(cancellationToken)));
}
