using System.Text.Encodings.Web;
using System.Text.Json;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Ops;

/// <summary>The bytes of a message as text to look at. Whatever is in it stays text: the page encodes it.</summary>
/// <param name="Kind">What it is: "JSON", "text" or "bytes in base64".</param>
/// <param name="IsCut">Only the beginning is shown.</param>
internal sealed record LetterContent(string Kind, string Text, bool IsCut)
{
    // More is of no use on a screen, and a message may have megabytes.
    public const int MaxLength = 100_000;

    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static LetterContent Of(EncodedBytes bytes)
    {
        var (kind, text) = bytes.Encoding == "utf-8" ? OfText(bytes.Value) : ("bytes in base64", bytes.Value);
        return text.Length <= MaxLength ? new(kind, text, IsCut: false) : new(kind, text[..Boundary(text)], IsCut: true);
    }

    private static (string Kind, string Text) OfText(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return ("JSON", JsonSerializer.Serialize(document.RootElement, Pretty));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // That it is no JSON may be why it is here.
            return ("text", text);
        }
    }

    private static int Boundary(string text) => char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
}
