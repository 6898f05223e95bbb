using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SignalFlow.Storage.Access;

namespace SignalFlow.Storage.Alerts.Delivery;

/// <param name="Address">Where messages go: of the web, or of mail.</param>
/// <param name="Secret">What they are signed with; null where they are not.</param>
public sealed record ChannelTarget(string Address, string? Secret)
{
    // Nobody is to find it in a log.
    public override string ToString() => nameof(ChannelTarget);
}

/// <summary>
/// Encrypts what must not be readable in the table: AES-256-GCM under a key of its own, bound to the owner, so that a row copied to another user
/// opens nothing.
/// </summary>
public sealed class ChannelSecrets(SigningKeyStore keys, IOptions<AlertOptions> options, TimeProvider time)
{
    private const string Purpose = "alert-channel";
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    private byte[]? _key;

    public async Task<byte[]> SealAsync(Guid owner, ChannelTarget target, CancellationToken cancellationToken)
    {
        var text = Encoding.UTF8.GetBytes($"{target.Secret}\0{target.Address}");
        var result = new byte[1 + NonceLength + TagLength + text.Length];
        result[0] = Version;
        RandomNumberGenerator.Fill(result.AsSpan(1, NonceLength));
        using var cipher = new AesGcm(await GetKeyAsync(cancellationToken), TagLength);
        cipher.Encrypt(
            result.AsSpan(1, NonceLength), text, result.AsSpan(1 + NonceLength + TagLength), result.AsSpan(1 + NonceLength, TagLength), owner.ToByteArray());
        return result;
    }

    /// <returns>Null: it was encrypted with another key, or for somebody else.</returns>
    public async Task<ChannelTarget?> OpenAsync(Guid owner, byte[] sealedTarget, CancellationToken cancellationToken)
    {
        if (sealedTarget.Length <= 1 + NonceLength + TagLength || sealedTarget[0] != Version)
            return null;
        var text = new byte[sealedTarget.Length - 1 - NonceLength - TagLength];
        using var cipher = new AesGcm(await GetKeyAsync(cancellationToken), TagLength);
        try
        {
            cipher.Decrypt(
                sealedTarget.AsSpan(1, NonceLength), sealedTarget.AsSpan(1 + NonceLength + TagLength), sealedTarget.AsSpan(1 + NonceLength, TagLength), text,
                owner.ToByteArray());
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(text).Split('\0', 2) is [var secret, var address] ? new(address, secret.Length == 0 ? null : secret) : null;
    }

    /// <summary>256 random bits, in letters that go into any configuration.</summary>
    public static string NewSecret() => "sfw_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    // It never changes while a process runs.
    private async ValueTask<byte[]> GetKeyAsync(CancellationToken cancellationToken)
    {
        if (_key is { } known)
            return known;
        var master = string.IsNullOrEmpty(options.Value.SecretKey)
            ? (await keys.GetOrAddAsync(Purpose, time.GetUtcNow(), cancellationToken)).Secret
            : Encoding.UTF8.GetBytes(options.Value.SecretKey);
        return _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, master, 32, info: "signalflow alert channels"u8.ToArray());
    }
}
