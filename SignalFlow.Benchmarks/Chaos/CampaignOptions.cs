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

    /// <summary>
    /// How long nothing disturbs before ingestion is stopped: who is polled seldom must have been polled, so that all that was served is known.
    /// </summary>
    public TimeSpan Calm { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Of the database, where it has a disk of its own, in memory.</summary>
    public int DiskMebibytes { get; init; } = 3_072;

    /// <summary>Part of the kinds that are drawn; null: all.</summary>
    public string? Only { get; init; }

    /// <summary>More than are sent in that time.</summary>
    public int StreamMessages => Math.Clamp((int)(Time.TotalSeconds * 50), 1_000, 200_000);
}
