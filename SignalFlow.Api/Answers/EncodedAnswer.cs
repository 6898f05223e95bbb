using System.Buffers.Text;
using System.Security.Cryptography;

namespace SignalFlow.Api.Answers;

/// <summary>An answer as it goes out: JSON and its tag.</summary>
internal sealed record EncodedAnswer(byte[] Body, string Tag)
{
    public static EncodedAnswer Of(byte[] body) => new(body, TagOf(body));

    /// <summary>
    /// Weak, because the same answer has one whether it goes out compressed or not; equal content has the same one from every process.
    /// </summary>
    public static string TagOf(ReadOnlySpan<byte> content) => $"W/\"{Base64Url.EncodeToString(SHA256.HashData(content).AsSpan(0, 12))}\"";
}
