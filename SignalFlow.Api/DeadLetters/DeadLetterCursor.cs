using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace SignalFlow.Api.DeadLetters;

/// <summary>A place in the list of dead letters: the row it lies beside, and which way the page goes.</summary>
internal sealed record DeadLetterCursor(bool Backwards, long Id)
{
    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{(Backwards ? 'b' : 'f')}|{Id}")));

    public static DeadLetterCursor? TryDecode(string text)
    {
        if (!Base64Url.IsValid(text))
            return null;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|', 2);
        return parts is ["f" or "b", var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? new(parts[0] == "b", id)
            : null;
    }
}
