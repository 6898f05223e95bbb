using Microsoft.Extensions.Options;

namespace SignalFlow.Storage;

/// <summary>Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Observations older than this many days are dropped, a day at a time; 0 keeps them for ever. Posts and hourly figures stay.</summary>
    public int RetentionDays { get; set; } = 90;

    /// <summary>TimescaleDB compresses the observations of a day when they are this many days old; 0: never.</summary>
    public int CompressAfterDays { get; set; } = 7;

    /// <summary>How often the figures of posts are counted again.</summary>
    public TimeSpan RollupInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Of the database's users for the services, which <c>migrate</c> makes where it is given any.</summary>
    public ServicePasswords Passwords { get; set; } = new();

    internal sealed class Validator : IValidateOptions<StorageOptions>
    {
        public ValidateOptionsResult Validate(string? name, StorageOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            // Two days at least: the present one is never whole, and hourly figures of the one before may still be counted.
            if (options.RetentionDays is not 0 and (< 2 or > 36_500))
                failures.AddError($"{Section}:RetentionDays is {options.RetentionDays}; it must be between 2 and 36500, or 0 for no end.");
            if (options.CompressAfterDays is not 0 and (< 1 or > 36_500))
                failures.AddError($"{Section}:CompressAfterDays is {options.CompressAfterDays}; it must be between 1 and 36500, or 0 for never.");
            if (options.RollupInterval < TimeSpan.FromSeconds(1) || options.RollupInterval > TimeSpan.FromHours(1))
                failures.AddError($"{Section}:RollupInterval is {options.RollupInterval}; it must be between 1 second and 1 hour.");
            return failures.Build();
        }
    }
}

/// <summary>
/// Section <c>Storage:Passwords</c>: of the users <c>ingestion</c>, <c>processing</c> and <c>api</c>. Without one, that user is left as it is.
/// </summary>
public sealed class ServicePasswords
{
    public string? Ingestion { get; set; }

    public string? Processing { get; set; }

    public string? Api { get; set; }
}
