using Microsoft.Extensions.Options;

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

    internal sealed class Validator : IValidateOptions<IngestionOptions>
    {
        private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
        private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

        public ValidateOptionsResult Validate(string? name, IngestionOptions options)
        {
            var result = new ValidateOptionsResultBuilder();
            if (options.Speed is < 1 or > 600)
                result.AddError($"{Section}:Speed is {options.Speed}; it must be between 1 and 600.");
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
            return result.Build();

            void RequireInterval(TimeSpan value, string key)
            {
                if (value < Shortest || value > Longest)
                    result.AddError($"{Section}:{key} is {value}; it must be between {Shortest} and {Longest}.");
            }
        }
    }
}
