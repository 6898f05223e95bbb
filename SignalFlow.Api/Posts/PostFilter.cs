using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SignalFlow.Api.Posts;

/// <summary>A checked <see cref="PostListRequest"/>.</summary>
internal sealed record PostFilter
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 200;

    /// <summary>Lists by a changing value look at this far back unless the request says otherwise: older posts stand still.</summary>
    public static readonly TimeSpan DefaultRange = TimeSpan.FromDays(1);

    public required string[] Subreddits { get; init; }
    public bool? Trending { get; init; }
    public string? Text { get; init; }

    /// <summary>Created at or after.</summary>
    public DateTime? Start { get; init; }

    /// <summary>Created before.</summary>
    public DateTime? End { get; init; }

    public required PostSort Sort { get; init; }
    public required int PageSize { get; init; }
    public PostCursor? Cursor { get; init; }
    public required DateTimeOffset AsOf { get; init; }

    public static bool TryParse(
        PostListRequest request, DateTimeOffset now, [NotNullWhen(true)] out PostFilter? filter, out Dictionary<string, string[]> errors)
    {
        errors = [];
        var cursor = ParseCursor(request.Cursor, errors);
        var asOf = cursor?.AsOf ?? now;
        var sort = ParseSort(request.Sort, errors);
        if (cursor is not null && request.Sort is not null && cursor.Sort != sort)
            errors["cursor"] = ["The cursor belongs to another sort."];
        sort = cursor?.Sort ?? sort;

        var start = ParseInstant("start", request.Start, endOfDay: false, errors);
        var end = ParseInstant("end", request.End, endOfDay: true, errors);
        if (start >= end)
            errors["end"] = ["end must not lie before start."];
        if (start is null && end is null && sort != PostSort.New)
            start = (asOf - DefaultRange).UtcDateTime;

        filter = new()
        {
            Subreddits = request.Subreddit?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
            Trending = ParseBoolean("trending", request.Trending, errors),
            Text = ParseText(request.Q, errors),
            Start = start,
            End = end,
            Sort = sort,
            PageSize = ParseSize(request.PageSize, errors),
            Cursor = cursor,
            AsOf = asOf,
        };
        if (request.Subreddit?.Contains('\0', StringComparison.Ordinal) == true)
            errors["subreddit"] = ["subreddit holds a NUL character."];
        if (errors.Count > 0)
            filter = null;
        return filter is not null;
    }

    private static PostCursor? ParseCursor(string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        var cursor = PostCursor.TryDecode(value);
        if (cursor is null)
            errors["cursor"] = ["The cursor is not one of ours; take it from next or previous."];
        return cursor;
    }

    private static PostSort ParseSort(string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return PostSort.New;
        // Numbers are names to Enum.TryParse, but not to a reader of the documentation.
        if (Enum.TryParse<PostSort>(value, ignoreCase: true, out var sort) && char.IsLetter(value[0]) && Enum.IsDefined(sort))
            return sort;
        errors["sort"] = ["sort must be new, score, velocity, trending or momentum."];
        return PostSort.New;
    }

    private static int ParseSize(string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return DefaultPageSize;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1 and <= MaxPageSize)
            return size;
        errors["page_size"] = [$"page_size must be a whole number from 1 to {MaxPageSize}."];
        return DefaultPageSize;
    }

    private static bool? ParseBoolean(string name, string? value, Dictionary<string, string[]> errors)
    {
        switch (value?.ToLowerInvariant())
        {
            case null or "":
                return null;
            case "true" or "1":
                return true;
            case "false" or "0":
                return false;
            default:
                errors[name] = [$"{name} must be true or false."];
                return null;
        }
    }

    private static string? ParseText(string? value, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrWhiteSpace(value))
            return null;
        if (value.Length > 200 || value.Contains('\0', StringComparison.Ordinal))
            errors["q"] = ["q must be at most 200 characters of text."];
        return value.Trim();
    }

    /// <summary>A day (<c>2026-11-23</c>, the whole of it) or an instant (ISO 8601; without an offset it is UTC).</summary>
    private static DateTime? ParseInstant(string name, string? value, bool endOfDay, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
            return (endOfDay ? day.AddDays(1) : day).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        if (DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            return instant.UtcDateTime;
        errors[name] = [$"{name} must be a day (YYYY-MM-DD) or an ISO 8601 time."];
        return null;
    }
}
