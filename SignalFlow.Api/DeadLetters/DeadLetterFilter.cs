using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Api.DeadLetters;

/// <summary>The query of <c>GET /dlq/</c> as sent.</summary>
internal sealed record DeadLetterListRequest(
    [FromQuery(Name = "state")] string? State,
    [FromQuery(Name = "error_class")] string? ErrorClass,
    [FromQuery(Name = "topic")] string? Topic,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "cursor")] string? Cursor);

/// <summary>A checked <see cref="DeadLetterListRequest"/>; empty lists let everything through.</summary>
internal sealed record DeadLetterFilter(string[] States, string[] Classes, string[] Topics, int PageSize, DeadLetterCursor? Cursor)
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 200;

    // Kafka allows no longer names.
    private const int MaxNameLength = 249;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool TryParse(
        DeadLetterListRequest request, [NotNullWhen(true)] out DeadLetterFilter? filter, out Dictionary<string, string[]> errors)
    {
        errors = [];
        var states = Values(request.State);
        if (!Array.TrueForAll(states, DeadLetterStates.All.Contains))
            errors["state"] = [$"state must be {string.Join(", ", DeadLetterStates.All)}, or several separated by commas."];
        var classes = Values(request.ErrorClass);
        if (!Array.TrueForAll(classes, IsName))
            errors["error_class"] = ["error_class must be a word such as json, or several separated by commas."];
        var topics = Values(request.Topic);
        if (!Array.TrueForAll(topics, IsName))
            errors["topic"] = ["topic must be the name of a topic, or several separated by commas."];
        var size = DefaultPageSize;
        if (!string.IsNullOrEmpty(request.PageSize)
            && !(int.TryParse(request.PageSize, NumberStyles.None, CultureInfo.InvariantCulture, out size) && size is >= 1 and <= MaxPageSize))
            errors["page_size"] = [$"page_size must be a whole number from 1 to {MaxPageSize}."];
        DeadLetterCursor? cursor = null;
        if (!string.IsNullOrEmpty(request.Cursor) && (cursor = DeadLetterCursor.TryDecode(request.Cursor)) is null)
            errors["cursor"] = ["The cursor is not one of ours; take it from next or previous."];
        filter = errors.Count == 0 ? new(states, classes, topics, size, cursor) : null;
        return filter is not null;
    }

    private static bool IsName(string value) => value.Length <= MaxNameLength && !value.AsSpan().ContainsAnyExcept(NameCharacters);

    private static string[] Values(string? value) =>
        value?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
