using Microsoft.Extensions.Options;

namespace SignalFlow.Api.Requests;

/// <summary>Of section <c>Api</c>: what a caller may ask of the API, and how much.</summary>
internal sealed class RequestOptions
{
    public const string Section = "Api";

    /// <summary>Requests a minute of one address without a login; 0: no limit. A sixth of them may come at once.</summary>
    public int AddressRequestsPerMinute { get; set; } = 600;

    /// <summary>Requests a minute of one user; 0: no limit.</summary>
    public int UserRequestsPerMinute { get; set; } = 3_000;

    /// <summary>Requests a minute of one API key; 0: no limit.</summary>
    public int KeyRequestsPerMinute { get; set; } = 6_000;

    /// <summary>Sign-ins, refreshes, set-ups and changes of passwords a minute of one address; 0: no limit.</summary>
    public int SignInsPerMinute { get; set; } = 20;

    /// <summary>
    /// Requests of one caller that are answered at a time; 0: no limit. Where a caller's requests a minute have no limit, these have none either.
    /// </summary>
    public int CallerRequestsAtOnce { get; set; } = 8;

    /// <summary>Requests of one caller that wait for one of those to end.</summary>
    public int CallerRequestsWaiting { get; set; } = 16;

    /// <summary>Exports of one caller at a time; 0: no limit.</summary>
    public int CallerExportsAtOnce { get; set; } = 2;

    /// <summary>Requests of all callers that are answered at a time; 0: three quarters of the connections that the process may have to the database.</summary>
    public int RequestsAtOnce { get; set; }

    /// <summary>Then an answer that is not there is given up. Live streams may last, and exports have a limit of their own.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of a request's body, where an endpoint does not say otherwise.</summary>
    public long MaxRequestBody { get; set; } = 1 << 20;

    public CorsSection Cors { get; set; } = new();

    internal sealed class CorsSection
    {
        /// <summary>Origins (<c>https://example.org</c>) whose pages may read the API and open live streams.</summary>
        public string[] Origins { get; set; } = [];
    }

    internal sealed class Validator : IValidateOptions<RequestOptions>
    {
        public ValidateOptionsResult Validate(string? name, RequestOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            Count(nameof(AddressRequestsPerMinute), options.AddressRequestsPerMinute);
            Count(nameof(UserRequestsPerMinute), options.UserRequestsPerMinute);
            Count(nameof(KeyRequestsPerMinute), options.KeyRequestsPerMinute);
            Count(nameof(SignInsPerMinute), options.SignInsPerMinute);
            Count(nameof(CallerRequestsAtOnce), options.CallerRequestsAtOnce);
            Count(nameof(CallerExportsAtOnce), options.CallerExportsAtOnce);
            Between(nameof(CallerRequestsWaiting), options.CallerRequestsWaiting, 0, 10_000);
            Between(nameof(RequestsAtOnce), options.RequestsAtOnce, 0, 10_000);
            if (options.RequestTimeout < TimeSpan.FromSeconds(1) || options.RequestTimeout > TimeSpan.FromMinutes(10))
                failures.AddError($"{Section}:RequestTimeout is {options.RequestTimeout}; it must be between 1 second and 10 minutes.");
            if (options.MaxRequestBody is < 1024 or > 1 << 30)
                failures.AddError($"{Section}:MaxRequestBody is {options.MaxRequestBody}; it must be between 1024 and {1 << 30} bytes.");
            for (var index = 0; index < options.Cors.Origins.Length; index++)
            {
                if (!IsOrigin(options.Cors.Origins[index]))
                    failures.AddError($"{Section}:Cors:Origins:{index} is '{options.Cors.Origins[index]}'; it must be an origin such as https://example.org.");
            }

            return failures.Build();

            void Count(string key, int value)
            {
                if (value is < 0 or > 100_000_000)
                    failures.AddError($"{Section}:{key} is {value}; it must be between 1 and 100000000, or 0 for no limit.");
            }

            void Between(string key, int value, int least, int most)
            {
                if (value < least || value > most)
                    failures.AddError($"{Section}:{key} is {value}; it must be between {least} and {most}.");
            }
        }

        private static bool IsOrigin(string text) =>
            Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") && uri.GetLeftPart(UriPartial.Authority) == text;
    }
}
