using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>Posts that have changed, each in its newest state: what processing publishes of a batch, and one message of the live stream.</summary>
public sealed record LiveUpdate
{
    public const string PostsUpdate = "posts.update";

    public string Type { get; init; } = PostsUpdate;

    /// <summary>Grows with every batch that is published; a client that comes back says the last one it has seen.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Sequence { get; init; }

    /// <summary>When the database had the oldest of these states.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>
    /// Only where traces are kept: the W3C context of the span that sent this. Whoever does not know it loses nothing but the connection of its own spans.
    /// </summary>
    [JsonPropertyName("traceparent")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TraceParent { get; init; }

    public required IReadOnlyList<PostView> Posts { get; init; }
}
