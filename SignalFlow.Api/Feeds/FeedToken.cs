using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace SignalFlow.Api.Feeds;

/// <summary>What makes the address of a feed a secret: feed readers cannot sign in.</summary>
internal static class FeedToken
{
    private const int Bytes = 32;
    private const int MaxLength = 64;

    public static string New() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>What is kept of it: of 256 random bits a plain hash is enough.</summary>
    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token.Length > MaxLength ? token[..MaxLength] : token));
}
