using System.Globalization;
using SignalFlow.Api.Paging;

namespace SignalFlow.Api.Posts;

/// <summary>
/// A place in a list: the row it lies beside, and which way the page goes. <paramref name="AsOf"/> keeps values that depend on the
/// present (age, momentum, the default range) the same over all pages.
/// </summary>
/// <param name="Key">The row's sort value; for <see cref="PostSort.New"/> its creation in Unix microseconds.</param>
internal sealed record PostCursor(PostSort Sort, bool Backwards, double Key, string Id, DateTimeOffset AsOf)
{
    private const string List = "posts";

    public DateTime Created => DateTime.UnixEpoch.AddTicks((long)Key * TimeSpan.TicksPerMicrosecond);

    /// <param name="seal">Ours.</param>
    /// <param name="filter">Of the list, without its sort: that stands in the cursor, so that a request need not repeat it.</param>
    public string Encode(CursorSeal seal, string filter) => seal.Close(List, filter, string.Create(
        CultureInfo.InvariantCulture, $"{Sort}|{(Backwards ? 'b' : 'f')}|{Key:R}|{AsOf.UtcTicks}|{Id}"));

    public static PostCursor? TryDecode(CursorSeal seal, string filter, string text)
    {
        if (seal.Open(List, filter, text)?.Split('|', 5) is not [var sort, var way, var key, var ticks, var id])
            return null;
        return new(
            Enum.Parse<PostSort>(sort), way == "b", double.Parse(key, CultureInfo.InvariantCulture), id,
            new(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero));
    }
}
