using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using SignalFlow.Storage.Access;

namespace SignalFlow.Api.Access;

/// <summary>
/// What the API signs access tokens and cursors with: the same in all its processes and after restarts. Derived from the configured key or,
/// without one, kept in the database.
/// </summary>
internal sealed class SigningKeys(SigningKeyStore store, IOptions<AccessOptions> options, TimeProvider time) : IDisposable
{
    // Another process may have changed the key.
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);
    // Tokens of unknown keys must not make a query each.
    private static readonly TimeSpan UnknownKeyPause = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _loading = new(1, 1);
    private Snapshot? _snapshot;

    public bool AreConfigured => !string.IsNullOrEmpty(options.Value.SigningKey);

    /// <summary>Signs new access tokens.</summary>
    public async ValueTask<SecurityKey> GetCurrentAsync(CancellationToken cancellationToken) =>
        (await GetAsync(Freshness, cancellationToken)).Current;

    /// <returns>32 bytes.</returns>
    public async ValueTask<byte[]> GetCursorKeyAsync(CancellationToken cancellationToken) =>
        // It never changes, so an old snapshot has it.
        (_snapshot ?? await GetAsync(Freshness, cancellationToken)).Cursor;

    /// <summary>Makes sure that a key of another process, if it is one, is found by <see cref="Find"/>.</summary>
    public async ValueTask LearnAsync(string? id, CancellationToken cancellationToken)
    {
        if (id is not null && _snapshot?.All.ContainsKey(id) != true)
            await GetAsync(UnknownKeyPause, cancellationToken);
    }

    /// <returns>The key that the token names; none where it is unknown or no longer good.</returns>
    public IEnumerable<SecurityKey> Find(string? id) => id is not null && _snapshot?.All.GetValueOrDefault(id) is { } key ? [key] : [];

    /// <summary>The next <see cref="GetCurrentAsync"/> looks again.</summary>
    public void Forget() => _snapshot = _snapshot is { } snapshot ? snapshot with { LoadedAt = null } : null;

    public void Dispose() => _loading.Dispose();

    private async ValueTask<Snapshot> GetAsync(TimeSpan freshness, CancellationToken cancellationToken)
    {
        if (IsFresh(freshness))
            return _snapshot!;
        await _loading.WaitAsync(cancellationToken);
        try
        {
            if (!IsFresh(freshness))
                _snapshot = AreConfigured ? Configured() : await LoadAsync(cancellationToken);
            return _snapshot!;
        }
        finally
        {
            _loading.Release();
        }
    }

    private bool IsFresh(TimeSpan freshness) =>
        _snapshot is { } snapshot && (AreConfigured || snapshot.LoadedAt is { } at && time.GetElapsedTime(at) < freshness);

    private Snapshot Configured()
    {
        var current = Derived(options.Value.SigningKey);
        SymmetricSecurityKey[] all = string.IsNullOrEmpty(options.Value.PreviousSigningKey) ? [current] : [current, Derived(options.Value.PreviousSigningKey)];
        AccessOptions.TryReadKey(options.Value.SigningKey, out var master);
        return new(current, ById(all), Derive(master, "cursor"), time.GetTimestamp());
    }

    private static SymmetricSecurityKey Derived(string? text)
    {
        AccessOptions.TryReadKey(text, out var master);
        // The name tells keys apart and gives nothing of them away.
        return new(Derive(master, "access-token")) { KeyId = Convert.ToHexStringLower(Derive(master, "name").AsSpan(0, 8)) };
    }

    private static byte[] Derive(byte[] master, string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: System.Text.Encoding.UTF8.GetBytes("signalflow " + purpose));

    private async Task<Snapshot> LoadAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var cursor = await store.GetOrAddAsync(SigningKeyStore.Cursor, now, cancellationToken);
        await store.GetOrAddAsync(SigningKeyStore.AccessToken, now, cancellationToken);
        var keys = await store.GetAsync(SigningKeyStore.AccessToken, now - options.Value.AccessTokenLifetime - Freshness, cancellationToken);
        SymmetricSecurityKey? current = null;
        var all = new List<SymmetricSecurityKey>();
        foreach (var key in keys)
        {
            all.Add(new(key.Secret) { KeyId = key.Id });
            if (key.RetiredAt is null)
                current = all[^1];
        }

        return new(
            current ?? throw new InvalidOperationException("signing_keys holds no current key for access tokens."),
            ById(all), cursor.Secret, time.GetTimestamp());
    }

    private static FrozenDictionary<string, SymmetricSecurityKey> ById(IEnumerable<SymmetricSecurityKey> keys) =>
        keys.ToFrozenDictionary(key => key.KeyId, StringComparer.Ordinal);

    private sealed record Snapshot(SymmetricSecurityKey Current, FrozenDictionary<string, SymmetricSecurityKey> All, byte[] Cursor, long? LoadedAt);
}
