using Microsoft.Extensions.Options;

namespace SignalFlow.Api.DeadLetters;

/// <summary>Section <c>DeadLetters</c>: how dead letters are replayed.</summary>
internal sealed class DeadLetterOptions
{
    public const string Section = "DeadLetters";

    /// <summary>How long a replay may be without an outcome; then its letter can be replayed again.</summary>
    public TimeSpan ReplayLease { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Letters a second of one request: what fails again is searched for one by one, and new posts must not wait for it.</summary>
    public int ReplayRate { get; set; } = 1_000;

    /// <summary>How long Kafka may take to confirm a record; then the letter is given back.</summary>
    public TimeSpan ReplayTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal sealed class Validator : IValidateOptions<DeadLetterOptions>
    {
        public ValidateOptionsResult Validate(string? name, DeadLetterOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            if (options.ReplayLease < TimeSpan.FromMinutes(1) || options.ReplayLease > TimeSpan.FromDays(1))
                failures.AddError($"{Section}:ReplayLease is {options.ReplayLease}; it must be between 1 minute and 1 day.");
            if (options.ReplayRate is < 1 or > 100_000)
                failures.AddError($"{Section}:ReplayRate is {options.ReplayRate}; it must be between 1 and 100000.");
            if (options.ReplayTimeout < TimeSpan.FromSeconds(1) || options.ReplayTimeout > TimeSpan.FromSeconds(30))
                failures.AddError($"{Section}:ReplayTimeout is {options.ReplayTimeout}; it must be between 1 and 30 seconds.");
            return failures.Build();
        }
    }
}
