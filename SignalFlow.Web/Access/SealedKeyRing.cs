using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using StackExchange.Redis;

namespace SignalFlow.Web.Access;

/// <summary>
/// The keys that protect cookies and sessions, in the Redis that has the sessions and that other services write to: AES-256-GCM under a key from a secret
/// that they do not have. What does not open is not there, so nobody slips in a key that they know, and after a change of the secret a new one is made.
/// </summary>
/// <remarks>Whole elements and not, as an encryptor would have it, the secret in them: one that is not encrypted would be taken.</remarks>
internal sealed partial class SealedKeyRing(IConnectionMultiplexer redis, string secret, ILogger<SealedKeyRing> logger) : IXmlRepository
{
    public const string Name = "signalflow:web:keys";

    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int HeaderLength = 1 + NonceLength + TagLength;

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "signalflow web keys"u8.ToArray());

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        var kept = redis.GetDatabase().ListRange(Name);
        XElement[] opened = [.. kept.Select(value => Open((byte[])value!)).OfType<XElement>()];
        if (opened.Length < kept.Length)
            LogForeign(kept.Length - opened.Length);
        return opened;
    }

    public void StoreElement(XElement element, string friendlyName) => redis.GetDatabase().ListRightPush(Name, Seal(element));

    private byte[] Seal(XElement element)
    {
        var text = Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting));
        var result = new byte[HeaderLength + text.Length];
        result[0] = Version;
        RandomNumberGenerator.Fill(result.AsSpan(1, NonceLength));
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Encrypt(result.AsSpan(1, NonceLength), text, result.AsSpan(HeaderLength), result.AsSpan(1 + NonceLength, TagLength));
        return result;
    }

    /// <returns>Null: it was encrypted with another key, or not at all.</returns>
    private XElement? Open(byte[] kept)
    {
        if (kept.Length <= HeaderLength || kept[0] != Version)
            return null;
        var text = new byte[kept.Length - HeaderLength];
        using var cipher = new AesGcm(_key, TagLength);
        try
        {
            cipher.Decrypt(kept.AsSpan(1, NonceLength), kept.AsSpan(HeaderLength), kept.AsSpan(1 + NonceLength, TagLength), text);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return XElement.Parse(Encoding.UTF8.GetString(text));
    }

    [LoggerMessage(LogLevel.Warning, "{Count} of the keys in Redis that protect cookies are not of this Web:ApiKey; who signed in with them signs in again")]
    private partial void LogForeign(int count);
}
