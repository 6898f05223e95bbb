using Microsoft.Extensions.Options;
using SignalFlow.Ingestion.Planning;

namespace SignalFlow.Ingestion;

/// <summary>Section <c>Ingestion</c>: how often subreddits are polled and which of them are this instance's.</summary>
internal sealed class IngestionOptions
{
    public const string Section = "Ingestion";

    /// <summary>Time lapse: poll and refresh intervals, age tiers and the quota's window pass this many times faster.</summary>
    public int Speed { get; set; } = 1;

    public int ShardId { get; set; }
    public int ShardCount { get; set; } = 1;

    /// <summary>How often the table of subreddits is read again.</summary>
    public TimeSpan ConfigPollInterval { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan FastInterval { get; set; } = TimeSpan.FromSeconds(60);
    public TimeSpan MediumInterval { get; set; } = TimeSpan.FromSeconds(180);
    public TimeSpan SlowInterval { get; set; } = TimeSpan.FromSeconds(600);

    /// <summary>When posts are looked at again: <c>seed</c>, as the original system does, or <c>early</c>, dense enough to see a rise begin.</summary>
    public string RefreshPreset { get; set; } = RefreshPresets.Seed;

    /// <summary>A schedule of one's own instead of the preset: ascending ages, one to six tiers. The last age is where refreshing ends.</summary>
    public IList<RefreshTierOptions> RefreshTiers { get; } = [];

    /// <summary>A folder for recordings of what is observed; null: none are made.</summary>
    public string? Record { get; set; }

    internal sealed class Validator : IValidateOptions<IngestionOptions>
    {
        private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
        private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
        private static readonly TimeSpan LongestAge = TimeSpan.FromDays(7);
        private const int MostTiers = 6;

        public ValidateOptionsResult Validate(string? name, IngestionOptions options)
        {
            var result = new ValidateOptionsResultBuilder();
            if (options.Speed is < 1 or > 600)
                result.AddError($"{Section}:Speed is {options.Speed}; it must be between 1 and 600.");
            if (options.Speed > 1 && !string.IsNullOrEmpty(options.Record))
                result.AddError($"{Section}:Record needs {Section}:Speed 1: a recording has the times of the clock.");
            if (options.ShardCount < 1)
                result.AddError($"{Section}:ShardCount is {options.ShardCount}; it must be at least 1.");
            else if (options.ShardId < 0 || options.ShardId >= options.ShardCount)
            {
                result.AddError($"{Section}:ShardId is {options.ShardId}; with {Section}:ShardCount {options.ShardCount} "
                    + $"it must be between 0 and {options.ShardCount - 1}.");
            }

            RequireInterval(options.ConfigPollInterval, nameof(ConfigPollInterval));
            RequireInterval(options.FastInterval, nameof(FastInterval));
            RequireInterval(options.MediumInterval, nameof(MediumInterval));
            RequireInterval(options.SlowInterval, nameof(SlowInterval));
            if (!RefreshPresets.Names.Contains(options.RefreshPreset))
            {
                result.AddError($"{Section}:RefreshPreset is '{options.RefreshPreset}'; it must be one of "
                    + $"{string.Join(", ", RefreshPresets.Names)}.");
            }

            RequireTiers(options.RefreshTiers);
            return result.Build();

            void RequireTiers(IList<RefreshTierOptions> tiers)
            {
                if (tiers.Count > MostTiers)
                    result.AddError($"{Section}:RefreshTiers has {tiers.Count} entries; at most {MostTiers} are allowed.");
                for (var i = 0; i < tiers.Count; i++)
                {
                    RequireInterval(tiers[i].Interval, $"RefreshTiers:{i}:Interval");
                    var youngest = i == 0 ? TimeSpan.Zero : tiers[i - 1].MaxAge;
                    if (tiers[i].MaxAge <= youngest || tiers[i].MaxAge > LongestAge)
                    {
                        result.AddError($"{Section}:RefreshTiers:{i}:MaxAge is {tiers[i].MaxAge}; "
                            + $"it must be above {youngest} and at most {LongestAge}.");
                    }
                }
            }

            void RequireInterval(TimeSpan value, string key)
            {
                if (value < Shortest || value > Longest)
                    result.AddError($"{Section}:{key} is {value}; it must be between {Shortest} and {Longest}.");
            }
        }
    }
}

/// <summary>An entry of <c>Ingestion:RefreshTiers</c>.</summary>
internal sealed class RefreshTierOptions
{
    /// <summary>Posts younger than this, and older than the tier before, belong to it.</summary>
    public TimeSpan MaxAge { get; set; }

    /// <summary>From one observation of a post to the next.</summary>
    public TimeSpan Interval { get; set; }
}
