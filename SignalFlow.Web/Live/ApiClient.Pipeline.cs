using SignalFlow.Contracts;

namespace SignalFlow.Web.Live;

/// <summary>The processes between Kafka and the database.</summary>
internal sealed partial class ApiClient
{
    public Task<PipelineView> GetPipelineAsync(CancellationToken cancellationToken) =>
        GetAsync("/api/pipeline/", ContractsJsonContext.Default.PipelineView, cancellationToken);
}
