using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace SignalFlow.Api.Ingestion;

/// <summary>A place in the report of purges: the row it lies beside, and which way the page goes.</summary>
internal sealed record PurgeCursor(bool Backwards, DateTime PurgedAt, string Id)
{
    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{(Backwards ? 'b' : 'f')}|{PurgedAt.Ticks}|{Id}")));

    public static PurgeCursor? TryDecode(string text)
    {
        if (!Base64Url.IsValid(text))
            return null;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|', 3);
        if (parts.Length != 3
            || parts[0] is not ("f" or "b")
            || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            || ticks < DateTime.UnixEpoch.Ticks || ticks > DateTime.MaxValue.Ticks
            || parts[2].Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        return new(parts[0] == "b", new(ticks, DateTimeKind.Utc), parts[2]);
    }
}
