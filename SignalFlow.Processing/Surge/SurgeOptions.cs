using Microsoft.Extensions.Options;

namespace SignalFlow.Processing.Surge;

/// <summary>Section <c>Surge</c>.</summary>
internal sealed class SurgeOptions
{
    public const string Section = "Surge";

    /// <summary>Simulated seconds per second, as the simulated Reddit has them: posts age so many times faster than the clock says.</summary>
    public int Speed { get; set; } = 1;

    internal sealed class Validator : IValidateOptions<SurgeOptions>
    {
        public ValidateOptionsResult Validate(string? name, SurgeOptions options) => options.Speed is < 1 or > 600
            ? ValidateOptionsResult.Fail($"{Section}:Speed is {options.Speed}; it must be between 1 and 600.")
            : ValidateOptionsResult.Success;
    }
}
