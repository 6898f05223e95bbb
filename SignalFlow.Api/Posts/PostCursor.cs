using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace SignalFlow.Api.Posts;

/// <summary>
/// A place in a list: the row it lies beside, and which way the page goes. <paramref name="AsOf"/> keeps values that depend on the
/// present (age, momentum, the default range) the same over all pages.
/// </summary>
/// <param name="Key">The row's sort value; for <see cref="PostSort.New"/> its creation in Unix microseconds.</param>
internal sealed record PostCursor(PostSort Sort, bool Backwards, double Key, string Id, DateTimeOffset AsOf)
{
    // Within DateTime's range around the Unix epoch.
    private const double MaxMicroseconds = 5e16;

    public string Encode() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{Sort}|{(Backwards ? 'b' : 'f')}|{Key:R}|{AsOf.UtcTicks}|{Id}")));

    public static PostCursor? TryDecode(string text)
    {
        if (!Base64Url.IsValid(text))
            return null;
        var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(text)).Split('|', 5);
        if (parts.Length != 5
            || !Enum.TryParse<PostSort>(parts[0], out var sort) || !Enum.IsDefined(sort)
            || parts[1] is not ("f" or "b")
            || !double.TryParse(parts[2], CultureInfo.InvariantCulture, out var key) || !double.IsFinite(key)
            || !long.TryParse(parts[3], CultureInfo.InvariantCulture, out var ticks)
            || ticks < DateTime.UnixEpoch.Ticks || ticks > DateTime.MaxValue.Ticks
            || (sort == PostSort.New && Math.Abs(key) > MaxMicroseconds)
            || parts[4].Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        return new(sort, parts[1] == "b", key, parts[4], new(ticks, TimeSpan.Zero));
    }
}
