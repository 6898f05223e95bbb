using Microsoft.Extensions.Options;

namespace SignalFlow.Ingestion.Reddit;

/// <summary>Section <c>Reddit</c>: the OAuth application and the addresses of the API (or of the simulator).</summary>
internal sealed class RedditOptions
{
    public const string Section = "Reddit";

    public string? ClientId { get; set; }
    public string? ClientSecret { get; set; }

    /// <summary>Reddit asks for <c>platform:app:version (by /u/name)</c> and throttles default agents.</summary>
    public string? UserAgent { get; set; }

    public Uri TokenUrl { get; set; } = new("https://www.reddit.com/api/v1/access_token");
    public Uri ApiBaseUrl { get; set; } = new("https://oauth.reddit.com");

    /// <summary>Requests a minute to the API; the documented free quota of an OAuth application is 100.</summary>
    public int RequestsPerMinute { get; set; } = 60;

    internal sealed class Validator : IValidateOptions<RedditOptions>
    {
        public ValidateOptionsResult Validate(string? name, RedditOptions options)
        {
            var result = new ValidateOptionsResultBuilder();
            Require(options.ClientId, nameof(ClientId));
            Require(options.ClientSecret, nameof(ClientSecret));
            Require(options.UserAgent, nameof(UserAgent));
            // A header with a line feed would be refused at every request, long after the start.
            if (options.UserAgent?.AsSpan().ContainsAnyInRange('\0', '\u001f') == true)
                result.AddError($"{Section}:UserAgent contains a control character.");
            RequireHttp(options.TokenUrl, nameof(TokenUrl));
            RequireHttp(options.ApiBaseUrl, nameof(ApiBaseUrl));
            if (options.RequestsPerMinute is < 1 or > 10_000)
                result.AddError($"{Section}:RequestsPerMinute is {options.RequestsPerMinute}; it must be between 1 and 10000.");
            return result.Build();

            void Require(string? value, string key)
            {
                if (string.IsNullOrWhiteSpace(value))
                    result.AddError($"{Section}:{key} is not set.");
            }

            void RequireHttp(Uri? value, string key)
            {
                if (value is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
                    result.AddError($"{Section}:{key} is '{value}'; it must be an absolute http or https address.");
            }
        }
    }
}
