using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>Source-generated JSON of everything on the wire: snake_case, nulls written, unknown fields ignored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PostObservation))]
[JsonSerializable(typeof(PostView))]
[JsonSerializable(typeof(PostPage))]
[JsonSerializable(typeof(PostHistory))]
[JsonSerializable(typeof(StatsView))]
[JsonSerializable(typeof(StorageView))]
[JsonSerializable(typeof(SubredditOverviewList))]
[JsonSerializable(typeof(LiveUpdate))]
[JsonSerializable(typeof(IngestionView))]
[JsonSerializable(typeof(SubredditStatusList))]
[JsonSerializable(typeof(PurgePage))]
[JsonSerializable(typeof(DeadLetterPage))]
[JsonSerializable(typeof(DeadLetterDetail))]
[JsonSerializable(typeof(DeadLetterStats))]
[JsonSerializable(typeof(IReadOnlyList<DeadLetterHeader>))]
[JsonSerializable(typeof(DeadLetterReplayRequest))]
[JsonSerializable(typeof(DeadLetterDiscardRequest))]
[JsonSerializable(typeof(DeadLetterReplayResult))]
[JsonSerializable(typeof(DeadLetterDiscardResult))]
public sealed partial class ContractsJsonContext : JsonSerializerContext;
