using Microsoft.Extensions.Options;

namespace SignalFlow.Web.Access;

/// <summary>Of section <c>Web</c>: how much a browser may ask of the UI.</summary>
internal sealed class PageLimitOptions
{
    public const string Section = "Web";

    /// <summary>Pages and new circuits a minute of one address; 0: no limit. A sixth of them may come at once.</summary>
    public int AddressRequestsPerMinute { get; set; } = 300;

    internal sealed class Validator : IValidateOptions<PageLimitOptions>
    {
        public ValidateOptionsResult Validate(string? name, PageLimitOptions options) => options.AddressRequestsPerMinute is < 0 or > 100_000_000
            ? ValidateOptionsResult.Fail(
                $"{Section}:{nameof(AddressRequestsPerMinute)} is {options.AddressRequestsPerMinute}; it must be between 1 and 100000000, or 0 for no limit.")
            : ValidateOptionsResult.Success;
    }
}
