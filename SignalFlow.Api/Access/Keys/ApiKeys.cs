using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SignalFlow.Storage.Access;

namespace SignalFlow.Api.Access.Keys;

/// <summary>Makes keys and recognises them. What the database said of one is believed for a few seconds.</summary>
internal sealed class ApiKeys(ApiKeyStore store, UnknownKeys unknown, IOptions<AccessOptions> options, TimeProvider time)
{
    public const string Prefix = "sfk_";

    private const int HintLength = 8;

    // Guesses must not fill the memory.
    private const int MaxRemembered = 10_000;

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private static readonly UsableKey Service = new(0, "service", Guid.Empty, "", "viewer", [Policies.Read, Policies.Live], null);

    private readonly ConcurrentDictionary<string, (UsableKey? Key, long At)> _found = new(StringComparer.Ordinal);

    private readonly byte[]? _serviceHash = string.IsNullOrEmpty(options.Value.ServiceKey) ? null : Hash(options.Value.ServiceKey);

    public static (string Secret, byte[] Hash, string Hint) Make()
    {
        // 256 random bits: a plain hash is enough, there is nothing to guess.
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        return (secret, Hash(secret), secret[..HintLength]);
    }

    /// <summary>Whether a credential is to be looked up here rather than read as a token.</summary>
    public bool IsKey(string credential) =>
        credential.StartsWith(Prefix, StringComparison.Ordinal)
        || _serviceHash is not null && CryptographicOperations.FixedTimeEquals(Hash(credential), _serviceHash);

    /// <param name="credential">What was shown.</param>
    /// <param name="address">Who shows it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The key, if it is good; whether it was not looked up, as the address has shown too many that nobody knows.</returns>
    public async ValueTask<(UsableKey? Key, bool IsRefused)> FindAsync(string credential, IPAddress? address, CancellationToken cancellationToken)
    {
        var hash = Hash(credential);
        if (_serviceHash is not null && CryptographicOperations.FixedTimeEquals(hash, _serviceHash))
            return (Service, false);
        var name = Convert.ToBase64String(hash);
        if (_found.TryGetValue(name, out var known) && time.GetElapsedTime(known.At) < Freshness)
            return (known.Key is { ExpiresAt: { } end } && end <= time.GetUtcNow() ? null : known.Key, false);
        if (known.Key is null && !unknown.MayAsk(address))
            return (null, true);
        var key = await store.FindAsync(hash, time.GetUtcNow(), cancellationToken);
        if (_found.Count >= MaxRemembered)
            _found.Clear();
        _found[name] = (key, time.GetTimestamp());
        return (key, false);
    }

    /// <summary>A key was revoked in this process.</summary>
    public void Forget() => _found.Clear();

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
