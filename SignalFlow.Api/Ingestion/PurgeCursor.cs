using System.Globalization;
using SignalFlow.Api.Paging;

namespace SignalFlow.Api.Ingestion;

/// <summary>A place in the report of purges: the row it lies beside, and which way the page goes.</summary>
internal sealed record PurgeCursor(bool Backwards, DateTime PurgedAt, string Id)
{
    private const string List = "purges";

    public string Encode(CursorSeal seal) =>
        seal.Close(List, "", string.Create(CultureInfo.InvariantCulture, $"{(Backwards ? 'b' : 'f')}|{PurgedAt.Ticks}|{Id}"));

    public static PurgeCursor? TryDecode(CursorSeal seal, string text) =>
        seal.Open(List, "", text)?.Split('|', 3) is [var way, var ticks, var id]
            ? new(way == "b", new(long.Parse(ticks, CultureInfo.InvariantCulture), DateTimeKind.Utc), id)
            : null;
}
