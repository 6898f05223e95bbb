using Microsoft.Extensions.Options;

namespace SignalFlow.Processing;

/// <summary>Section <c>Processing</c>.</summary>
internal sealed class ProcessingOptions
{
    public const string Section = "Processing";

    public const string TitleOnly = "title";
    public const string TitleAndBody = "title+body";

    /// <summary>Most records of one batch, which is one database transaction.</summary>
    public int BatchSize { get; set; } = 500;

    /// <summary>Longest time from a batch's first record to its processing.</summary>
    public TimeSpan BatchTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Consumers, each with a thread of its own, in this process. More than there are partitions stay idle.</summary>
    public int Consumers { get; set; } = 1;

    public string GroupId { get; set; } = "signalflow-processing";

    /// <summary>What is scored: <see cref="TitleOnly"/>, as the original system does, or <see cref="TitleAndBody"/>.</summary>
    public string SentimentText { get; set; } = TitleOnly;

    internal sealed class Validator : IValidateOptions<ProcessingOptions>
    {
        public ValidateOptionsResult Validate(string? name, ProcessingOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            if (options.BatchSize is < 1 or > 10_000)
                failures.AddError($"{Section}:BatchSize is {options.BatchSize}; it must be between 1 and 10000.");
            if (options.BatchTimeout < TimeSpan.Zero || options.BatchTimeout > TimeSpan.FromMinutes(1))
                failures.AddError($"{Section}:BatchTimeout is {options.BatchTimeout}; it must be between 0 and 1 minute.");
            if (options.Consumers is < 1 or > 64)
                failures.AddError($"{Section}:Consumers is {options.Consumers}; it must be between 1 and 64.");
            if (string.IsNullOrWhiteSpace(options.GroupId))
                failures.AddError($"{Section}:GroupId must not be empty.");
            if (options.SentimentText is not (TitleOnly or TitleAndBody))
                failures.AddError($"{Section}:SentimentText is '{options.SentimentText}'; it must be {TitleOnly} or {TitleAndBody}.");
            return failures.Build();
        }
    }
}
