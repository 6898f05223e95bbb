using Microsoft.Extensions.Options;

namespace SignalFlow.Processing.Trending;

/// <summary>Section <c>Trending</c>: the thresholds of the original system's trending rule.</summary>
internal sealed class TrendingOptions
{
    public const string Section = "Trending";

    /// <summary>Points per second above which velocity counts 0.4.</summary>
    public double VelocityHigh { get; set; } = 50;

    /// <summary>Points per second above which velocity counts 0.2.</summary>
    public double VelocityLow { get; set; } = 10;

    /// <summary>Absolute sentiment above which it counts 0.2.</summary>
    public double SentimentMin { get; set; } = 0.5;

    /// <summary>Comments above which discussion counts 0.2.</summary>
    public int CommentMin { get; set; } = 100;

    /// <summary>Score from which a post is trending.</summary>
    public double Cutoff { get; set; } = 0.5;

    internal sealed class Validator : IValidateOptions<TrendingOptions>
    {
        public ValidateOptionsResult Validate(string? name, TrendingOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            if (!(options.VelocityLow >= 0 && double.IsFinite(options.VelocityLow)))
                failures.AddError($"{Section}:VelocityLow is {options.VelocityLow}; it must be 0 or more.");
            if (!(options.VelocityHigh >= options.VelocityLow && double.IsFinite(options.VelocityHigh)))
                failures.AddError($"{Section}:VelocityHigh is {options.VelocityHigh}; it must be {Section}:VelocityLow ({options.VelocityLow}) or more.");
            if (options.SentimentMin is not (>= 0 and <= 1))
                failures.AddError($"{Section}:SentimentMin is {options.SentimentMin}; it must be between 0 and 1.");
            if (options.CommentMin < 0)
                failures.AddError($"{Section}:CommentMin is {options.CommentMin}; it must be 0 or more.");
            if (options.Cutoff is not (> 0 and <= 1))
                failures.AddError($"{Section}:Cutoff is {options.Cutoff}; it must be above 0 and at most 1.");
            return failures.Build();
        }
    }
}
