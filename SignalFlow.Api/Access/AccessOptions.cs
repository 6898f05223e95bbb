using Microsoft.Extensions.Options;

namespace SignalFlow.Api.Access;

/// <summary>Of section <c>Api</c>: who may do what, and how long a sign-in lasts.</summary>
internal sealed class AccessOptions
{
    public const string Section = "Api";

    /// <summary>The password of the user <c>admin</c>, who is made at the first start.</summary>
    public const string AdminPasswordKey = "SIGNALFLOW_ADMIN_PASSWORD";

    public const int MinPasswordLength = 12;

    /// <summary>Hashing a password costs in proportion to its length.</summary>
    public const int MaxPasswordLength = 256;

    private const int MinKeyBytes = 32;

    /// <summary>Reading, also live, needs no login. Not set: so it is in Development only.</summary>
    public bool? PublicRead { get; set; }

    /// <summary>At least 32 bytes in base64, the same for all API processes. Not set: a key is made and kept in the database.</summary>
    public string? SigningKey { get; set; }

    /// <summary>The signing key before this one: what it has signed stays good.</summary>
    public string? PreviousSigningKey { get; set; }

    /// <summary>
    /// An API key that needs no user, for the UI: it reads, also live, and is not counted by the limits, as the UI counts pages and sign-ins by address
    /// (<c>Web:AddressRequestsPerMinute</c>). At least 32 characters.
    /// </summary>
    public string? ServiceKey { get; set; }

    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(60);

    /// <summary>Since the last refresh.</summary>
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Since the password was given.</summary>
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>So many wrong passwords in a row lock a user out.</summary>
    public int MaxFailedSignIns { get; set; } = 10;

    public TimeSpan LockoutDuration { get; set; } = TimeSpan.FromMinutes(15);

    internal string? AdminPassword { get; set; }

    internal bool IsReadingOpen(IHostEnvironment environment) => PublicRead ?? environment.IsDevelopment();

    internal static bool TryReadKey(string? text, out byte[] key)
    {
        key = new byte[text?.Length ?? 0];
        if (!Convert.TryFromBase64String(text ?? "", key, out var length) || length < MinKeyBytes)
            return false;
        key = key[..length];
        return true;
    }

    internal sealed class Validator : IValidateOptions<AccessOptions>
    {
        // No value of a secret is ever told.
        public ValidateOptionsResult Validate(string? name, AccessOptions options)
        {
            var failures = new ValidateOptionsResultBuilder();
            if (!string.IsNullOrEmpty(options.SigningKey) && !TryReadKey(options.SigningKey, out _))
                failures.AddError($"{Section}:SigningKey must be at least {MinKeyBytes} bytes in base64 (openssl rand -base64 48).");
            if (!string.IsNullOrEmpty(options.PreviousSigningKey) && !TryReadKey(options.PreviousSigningKey, out _))
                failures.AddError($"{Section}:PreviousSigningKey must be at least {MinKeyBytes} bytes in base64.");
            if (!string.IsNullOrEmpty(options.PreviousSigningKey) && string.IsNullOrEmpty(options.SigningKey))
                failures.AddError($"{Section}:PreviousSigningKey needs {Section}:SigningKey beside it.");
            if (!string.IsNullOrEmpty(options.ServiceKey) && options.ServiceKey.Length < MinKeyBytes)
                failures.AddError($"{Section}:ServiceKey must be at least {MinKeyBytes} characters.");
            if (options.AdminPassword is { Length: > 0 and (< MinPasswordLength or > MaxPasswordLength) })
                failures.AddError($"{AdminPasswordKey} must have {MinPasswordLength} to {MaxPasswordLength} characters.");
            Check(nameof(AccessTokenLifetime), options.AccessTokenLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1));
            Check(nameof(RefreshTokenLifetime), options.RefreshTokenLifetime, TimeSpan.FromMinutes(5), TimeSpan.FromDays(365));
            Check(nameof(SessionLifetime), options.SessionLifetime, TimeSpan.FromMinutes(5), TimeSpan.FromDays(3650));
            Check(nameof(LockoutDuration), options.LockoutDuration, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
            if (options.MaxFailedSignIns is < 1 or > 1000)
                failures.AddError($"{Section}:MaxFailedSignIns is {options.MaxFailedSignIns}; it must be between 1 and 1000.");
            return failures.Build();

            void Check(string key, TimeSpan value, TimeSpan min, TimeSpan max)
            {
                if (value < min || value > max)
                    failures.AddError($"{Section}:{key} is {value}; it must be between {min} and {max}.");
            }
        }
    }
}
