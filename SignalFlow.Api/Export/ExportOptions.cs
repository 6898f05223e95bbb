using Microsoft.Extensions.Options;

namespace SignalFlow.Api.Export;

internal sealed class ExportOptions
{
    public const string Section = "Api:Export";

    /// <summary>Longer lists are cut, and the file says so.</summary>
    public int MaxRows { get; set; } = 1_000_000;

    /// <summary>Then a file that is not complete is broken off.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    internal sealed class Validator : IValidateOptions<ExportOptions>
    {
        public ValidateOptionsResult Validate(string? name, ExportOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            if (options.MaxRows is < 1 or > 100_000_000)
                failures.AddError($"{Section}:MaxRows is {options.MaxRows}; it must be between 1 and 100000000.");
            if (options.Timeout < TimeSpan.FromSeconds(1) || options.Timeout > TimeSpan.FromDays(1))
                failures.AddError($"{Section}:Timeout is {options.Timeout}; it must be between 1 second and 1 day.");
            return failures.Build();
        }
    }
}
