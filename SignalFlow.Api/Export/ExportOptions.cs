using Microsoft.Extensions.Options;

namespace SignalFlow.Api.Export;

internal sealed class ExportOptions
{
    public const string Section = "Api:Export";

    /// <summary>Longer lists are cut, and the file says so.</summary>
    public int MaxRows { get; set; } = 1_000_000;

    internal sealed class Validator : IValidateOptions<ExportOptions>
    {
        public ValidateOptionsResult Validate(string? name, ExportOptions options) => options.MaxRows is >= 1 and <= 100_000_000
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"{Section}:MaxRows is {options.MaxRows}; it must be between 1 and 100000000.");
    }
}
