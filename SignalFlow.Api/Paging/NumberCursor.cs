using System.Globalization;

namespace SignalFlow.Api.Paging;

/// <summary>A place in a list that is ordered by the number of its rows: the row it lies beside, and which way the page goes.</summary>
internal sealed record NumberCursor(bool Backwards, long Id)
{
    public string Encode(CursorSeal seal, string list, string scope) =>
        seal.Close(list, scope, string.Create(CultureInfo.InvariantCulture, $"{(Backwards ? 'b' : 'f')}|{Id}"));

    public static NumberCursor? TryDecode(CursorSeal seal, string list, string scope, string text) =>
        seal.Open(list, scope, text)?.Split('|', 2) is [var way, var id] ? new(way == "b", long.Parse(id, CultureInfo.InvariantCulture)) : null;
}
