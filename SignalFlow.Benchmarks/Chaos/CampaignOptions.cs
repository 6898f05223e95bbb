namespace SignalFlow.Benchmarks.Chaos;

internal sealed record CampaignOptions
{
    /// <summary>Simulated seconds a second.</summary>
    public const int Speed = 20;

    /// <summary>Of the simulated Reddit.</summary>
    public const string PostsPerDay = "30000";

    public required int Faults { get; init; }

    /// <summary>No fault begins later.</summary>
    public required TimeSpan Time { get; init; }

    public required int Seed { get; init; }

    /// <summary>Let clocks jump, where that is possible.</summary>
    public bool Clocks { get; init; }

    /// <summary>More than are sent in that time.</summary>
    public int StreamMessages => Math.Clamp((int)(Time.TotalSeconds * 50), 1_000, 200_000);
}
