namespace SignalFlow.RedditSimulator.World;

/// <summary>All that an answer shows of a post at one instant.</summary>
internal readonly record struct PostSnapshot
{
    public required PostKey Key { get; init; }

    public required string Id { get; init; }

    public required PostText Title { get; init; }

    public required PostText SelfText { get; init; }

    public required string Author { get; init; }

    public required int Score { get; init; }

    public required int Comments { get; init; }

    public required double Ratio { get; init; }

    public required bool IsSelf { get; init; }

    /// <summary>Starts with / for a page of Reddit itself.</summary>
    public required string Permalink { get; init; }

    /// <summary>Null for the post's own page.</summary>
    public string? Link { get; init; }

    public string? Flair { get; init; }

    public bool Over18 { get; init; }

    public bool HideScore { get; init; }

    public string? RemovedByCategory { get; init; }
}
