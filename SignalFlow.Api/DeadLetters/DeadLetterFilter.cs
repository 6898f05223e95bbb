using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Paging;
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
internal sealed record DeadLetterFilter(DeadLetterSelection Selection, int PageSize, string Scope, NumberCursor? Cursor)
{
    public const string List = "dead letters";

    public const int DefaultPageSize = 50;
    public const int MaxPageSize = 200;

    // Kafka allows no longer names.
    private const int MaxNameLength = 249;
    private const int MaxPostIdLength = 64;

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    public static bool TryParse(
        DeadLetterListRequest request, CursorSeal seal, [NotNullWhen(true)] out DeadLetterFilter? filter, out Dictionary<string, string[]> errors)
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
        var scope = ScopeOf(selection);
        var cursor = fields.Cursor(request.Cursor, text => NumberCursor.TryDecode(seal, List, scope, text));
        errors = fields.Errors;
        filter = errors.Count == 0 ? new(selection, size, scope, cursor) : null;
        return filter is not null;
    }

    /// <param name="conditions">As sent.</param>
    /// <param name="fields">Takes what is wrong.</param>
    /// <param name="prefix">Of the fields' names in the errors.</param>
    public static DeadLetterSelection Selected(DeadLetterConditions conditions, QueryFields fields, string prefix)
    {
        var states = fields.Texts(
            prefix + "state", conditions.State, DeadLetterStates.All.Contains,
            $"state must be {string.Join(", ", DeadLetterStates.All)}, or several separated by commas.");
        var classes = fields.Texts(
            prefix + "error_class", conditions.ErrorClass, IsName, "error_class must be a word such as json, or several separated by commas.");
        var topics = fields.Texts(prefix + "topic", conditions.Topic, IsName, "topic must be the name of a topic, or several separated by commas.");
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

    private static string ScopeOf(DeadLetterSelection selection) => CursorScope.Of(
        CursorScope.Names(selection.States), CursorScope.Names(selection.Classes), CursorScope.Names(selection.Topics), selection.PostId,
        CursorScope.Instant(selection.From), CursorScope.Instant(selection.To));

    private static string[]? OrNull(string[] values) => values.Length == 0 ? null : values;
}
