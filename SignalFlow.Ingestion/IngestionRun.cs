using SignalFlow.Ingestion.Planning;
using SignalFlow.Storage.Ingestion;

namespace SignalFlow.Ingestion;

/// <summary>The next old posts of this shard after a place, and the last one that was read; null: there are no more.</summary>
internal delegate Task<(IReadOnlyList<OldPost> Posts, SweepCursor? Reached)> OldPostLookup(SweepLoad load, CancellationToken cancellationToken);

/// <summary>What lives as long as this instance has the shard.</summary>
internal sealed class IngestionRun(RequestPlanner planner, RequestLoop loop) : IDisposable
{
    public RequestPlanner Planner => planner;

    public RequestLoop Loop => loop;

    public void Dispose() => loop.Dispose();
}
