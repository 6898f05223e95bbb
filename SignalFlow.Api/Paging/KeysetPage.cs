namespace SignalFlow.Api.Paging;

/// <summary>One page of a list and the cursors beside it; null where the list ends.</summary>
internal sealed record KeysetPage<TRow, TCursor>(IReadOnlyList<TRow> Rows, TCursor? Previous, TCursor? Next)
    where TCursor : class
{
    /// <param name="rows">In the order of reading; one more than <paramref name="size"/> where there is another page in that direction.</param>
    /// <param name="size">Rows of a page.</param>
    /// <param name="isFirst">No cursor was given.</param>
    /// <param name="backwards">The rows were read towards the beginning of the list.</param>
    /// <param name="cursorAt">The cursor at a row; true: towards the beginning.</param>
    public static KeysetPage<TRow, TCursor> Of(List<TRow> rows, int size, bool isFirst, bool backwards, Func<TRow, bool, TCursor> cursorAt)
    {
        var more = rows.Count > size;
        if (more)
            rows.RemoveAt(rows.Count - 1);
        if (backwards)
            rows.Reverse();
        if (rows.Count == 0)
            return new([], null, null);

        var hasPrevious = backwards ? more : !isFirst;
        var hasNext = backwards || more;
        return new(rows, hasPrevious ? cursorAt(rows[0], true) : null, hasNext ? cursorAt(rows[^1], false) : null);
    }
}
