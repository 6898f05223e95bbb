namespace SignalFlow.Contracts;

/// <summary>One message of the live stream: the posts of one processed batch, each in its newest state.</summary>
public sealed record LiveUpdate
{
    public const string PostsUpdate = "posts.update";

    /// <summary>The Redis channel between Processing and Api.</summary>
    public const string Channel = "signalflow:posts.update";

    public string Type { get; init; } = PostsUpdate;
    public required IReadOnlyList<PostView> Posts { get; init; }
}
