using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Contracts;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Api.DeadLetters;

/// <summary>The query of <c>GET /dlq/</c> as sent.</summary>
internal sealed record DeadLetterListRequest(
    [FromQuery(Name = "state")] string? State,
    [FromQuery(Name = "error_class")] string? ErrorClass,
    [FromQuery(Name = "topic")] string? Topic,
    [FromQuery(Name = "post_id")] string? PostId,
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "cursor")] string? Cursor);

/// <summary>A checked <see cref="DeadLetterListRequest"/>.</summary>
internal sealed record DeadLetterFilter(DeadLetterSelection Selection, int PageSize, DeadLetterCursor? Cursor)
{
    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 200;

    // Kafka allows no longer names.
    private const int MaxNameLength = 249;
    private const int MaxPostIdLength = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool TryParse(
        DeadLetterListRequest request, [NotNullWhen(true)] out DeadLetterFilter? filter, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        var selection = Selected(
            new()
            {
                State = request.State,
                ErrorClass = request.ErrorClass,
                Topic = request.Topic,
                PostId = request.PostId,
                From = request.From,
                To = request.To,
            },
            fields,
            prefix: "");
        var size = fields.WholeNumber("page_size", request.PageSize, 1, MaxPageSize, DefaultPageSize);
        DeadLetterCursor? cursor = null;
        if (!string.IsNullOrEmpty(request.Cursor) && (cursor = DeadLetterCursor.TryDecode(request.Cursor)) is null)
            fields.Refuse("cursor", "The cursor is not one of ours; take it from next or previous.");
        errors = fields.Errors;
        filter = errors.Count == 0 ? new(selection, size, cursor) : null;
        return filter is not null;
    }

    /// <param name="conditions">As sent.</param>
    /// <param name="fields">Takes what is wrong.</param>
    /// <param name="prefix">Of the fields' names in the errors.</param>
    public static DeadLetterSelection Selected(DeadLetterConditions conditions, QueryFields fields, string prefix)
    {
        var states = Values(conditions.State);
        if (!Array.TrueForAll(states, DeadLetterStates.All.Contains))
            fields.Refuse(prefix + "state", $"state must be {string.Join(", ", DeadLetterStates.All)}, or several separated by commas.");
        var classes = Values(conditions.ErrorClass);
        if (!Array.TrueForAll(classes, IsName))
            fields.Refuse(prefix + "error_class", "error_class must be a word such as json, or several separated by commas.");
        var topics = Values(conditions.Topic);
        if (!Array.TrueForAll(topics, IsName))
            fields.Refuse(prefix + "topic", "topic must be the name of a topic, or several separated by commas.");
        var from = fields.Instant(prefix + "from", conditions.From, endOfDay: false);
        var to = fields.Instant(prefix + "to", conditions.To, endOfDay: true);
        if (from > to)
            fields.Refuse(prefix + "from", "from must not be after to.");
        return new()
        {
            States = OrNull(states),
            Classes = OrNull(classes),
            Topics = OrNull(topics),
            PostId = fields.Text(prefix + "post_id", conditions.PostId, MaxPostIdLength),
            From = from,
            To = to,
        };
    }

    private static bool IsName(string value) => value.Length <= MaxNameLength && !value.AsSpan().ContainsAnyExcept(NameCharacters);

    private static string[] Values(string? value) =>
        value?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static string[]? OrNull(string[] values) => values.Length == 0 ? null : values;
}
