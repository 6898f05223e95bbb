using System.Globalization;

namespace SignalFlow.Api.Paging;

/// <summary>What a list holds, in words that are the same for every way to ask for it: cursors belong to it.</summary>
internal static class CursorScope
{
    /// <param name="conditions">Of the list, always in the same order; not the size of a page, which may change from page to page.</param>
    public static string Of(params ReadOnlySpan<string?> conditions) =>
        // Parted by what no value can hold.
        string.Join('\0', conditions);

    /// <summary>Values of which any may match, in whatever order they were given.</summary>
    public static string Names(IEnumerable<string>? names) => string.Join(',', (names ?? []).Order(StringComparer.Ordinal));

    public static string? Instant(DateTime? instant) => instant?.Ticks.ToString(CultureInfo.InvariantCulture);
}
