using System.Text.Json.Serialization;

namespace SignalFlow.Contracts;

/// <summary>
/// One look at a post: what Reddit answered at <see cref="ObservedAt"/>. The value of the messages on
/// <see cref="KafkaTopics.Raw"/> and <see cref="KafkaTopics.Refresh"/>.
/// </summary>
/// <remarks>Times are Unix seconds, fractions allowed, as in Reddit's API and in the original system.</remarks>
public sealed record PostObservation
{
    [JsonRequired]
    public required string Id { get; init; }

    [JsonRequired]
    public required string Title { get; init; }

    public string? Selftext { get; init; }

    [JsonRequired]
    public required string Subreddit { get; init; }

    public string? Author { get; init; }

    [JsonRequired]
    public required double CreatedUtc { get; init; }

    [JsonRequired]
    public required int Score { get; init; }

    [JsonRequired]
    public required int NumComments { get; init; }

    /// <summary>Share of upvotes, 0 to 1; missing in Reddit's listings before 2017.</summary>
    public double? UpvoteRatio { get; init; }

    [JsonPropertyName("over_18")]
    public bool Over18 { get; init; }

    public string? Url { get; init; }
    public string? Permalink { get; init; }
    public string? Flair { get; init; }

    /// <summary>How often the post is refreshed: <c>aggressive</c>, <c>normal</c>, <c>slow</c> or <c>inactive</c>.</summary>
    public string? PollPriority { get; init; }

    /// <summary>When Reddit's answer arrived. The only clock that velocity and history use. Messages of the original system lack it.</summary>
    public double? ObservedAt { get; init; }

    public double? LastPolledAt { get; init; }

    /// <summary>
    /// Why Reddit no longer shows the post: its own <c>removed_by_category</c> (<c>deleted</c>, <c>moderator</c>, <c>author</c>,
    /// <c>reddit</c>, ...), <see cref="PostRemoval.Deleted"/> where only the texts say so, or <see cref="PostRemoval.Absent"/>. Null: it is
    /// there. Such a message holds no content: title <see cref="PostRemoval.Placeholder"/>, no text, author, addresses or flair.
    /// </summary>
    public string? RemovedByCategory { get; init; }

    public int SchemaVersion { get; init; } = 1;
}
