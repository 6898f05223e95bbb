namespace SignalFlow.Ingestion.Planning;

/// <summary>Named refresh schedules, for the key <c>Ingestion:RefreshPreset</c>.</summary>
internal static class RefreshPresets
{
    public const string Seed = "seed";
    public const string Early = "early";

    public static IReadOnlyList<string> Names { get; } = [Seed, Early];

    /// <summary>The tiers of the configuration: its own list, or those of its preset.</summary>
    public static IReadOnlyList<RefreshTier> TiersOf(IngestionOptions options)
    {
        if (options.RefreshTiers.Count > 0)
        {
            return [.. options.RefreshTiers.Select((tier, index) =>
                new RefreshTier(NameOf(index, options.RefreshTiers.Count), tier.MaxAge, tier.Interval))];
        }

        return options.RefreshPreset == Early
            ?
            [
                new("aggressive", TimeSpan.FromHours(2), TimeSpan.FromMinutes(3)),
                new("normal", TimeSpan.FromHours(6), TimeSpan.FromMinutes(10)),
                new("slow", TimeSpan.FromHours(24), TimeSpan.FromMinutes(30)),
            ]
            :
            [
                new("aggressive", TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5)),
                new("normal", TimeSpan.FromMinutes(60), TimeSpan.FromMinutes(30)),
                new("slow", TimeSpan.FromHours(24), TimeSpan.FromHours(2)),
            ];
    }

    // poll_priority has these three values in the original system; tiers of one's own share them.
    private static string NameOf(int index, int count) =>
        index == 0 ? "aggressive" : index == count - 1 ? "slow" : "normal";
}
