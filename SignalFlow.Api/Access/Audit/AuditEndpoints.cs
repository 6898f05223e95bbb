using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using NpgsqlTypes;
using SignalFlow.Api.Paging;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Access.Audit;

/// <summary>The query of <c>GET /api/admin/audit/</c> as sent.</summary>
internal sealed record AuditListRequest(
    [FromQuery(Name = "actor")] string? Actor,
    [FromQuery(Name = "action")] string? Action,
    [FromQuery(Name = "target")] string? Target,
    [FromQuery(Name = "start")] string? Start,
    [FromQuery(Name = "end")] string? End,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "cursor")] string? Cursor);

internal static class AuditEndpoints
{
    private const int DefaultPageSize = 50;
    private const int MaxPageSize = 200;
    private const int MaxTextLength = 200;

    public static RouteGroupBuilder MapAudit(this IEndpointRouteBuilder endpoints)
    {
        var audit = endpoints.MapGroup("/api/admin/audit").WithTags("Administration");
        audit.MapGet("/", ListAsync).WithName("ListAuditEntries").WithSummary("Who changed what, newest first.");
        return audit;
    }

    private static async Task<Results<Ok<AuditPage>, ValidationProblem>> ListAsync(
        [AsParameters] AuditListRequest request, NpgsqlDataSource database, HttpRequest http, CancellationToken cancellationToken)
    {
        var fields = new QueryFields();
        var size = fields.WholeNumber("page_size", request.PageSize, 1, MaxPageSize, DefaultPageSize);
        var (backwards, beside) = Cursor(request.Cursor, fields);
        await using var command = database.CreateCommand($"""
            SELECT id, at, actor, action, target, old::text, new::text, address FROM audit_log
            WHERE ($1 IS NULL OR actor = $1) AND ($2 IS NULL OR action = $2) AND ($3 IS NULL OR target = $3)
              AND ($4 IS NULL OR at >= $4) AND ($5 IS NULL OR at < $5) AND ($6 IS NULL OR id {(backwards ? ">" : "<")} $6)
            ORDER BY id {(backwards ? "ASC" : "DESC")} LIMIT {size + 1}
            """);
        Add(NpgsqlDbType.Text, fields.Text("actor", request.Actor, MaxTextLength));
        Add(NpgsqlDbType.Text, fields.Text("action", request.Action, MaxTextLength));
        Add(NpgsqlDbType.Text, fields.Text("target", request.Target, MaxTextLength));
        Add(NpgsqlDbType.TimestampTz, fields.Instant("start", request.Start, endOfDay: false));
        Add(NpgsqlDbType.TimestampTz, fields.Instant("end", request.End, endOfDay: true));
        Add(NpgsqlDbType.Bigint, beside);
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);

        var rows = new List<AuditView>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(Entry(reader));
        }

        var page = KeysetPage<AuditView, string>.Of(
            rows, size, beside is null, backwards, (row, before) => string.Create(CultureInfo.InvariantCulture, $"{(before ? 'b' : 'f')}{row.Id}"));
        return TypedResults.Ok(new AuditPage { Next = PageLinks.For(http, page.Next), Previous = PageLinks.For(http, page.Previous), Results = page.Rows });

        void Add(NpgsqlDbType type, object? value) => command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
    }

    // Entries are never changed or left out, so a place in the list is a number, and no secret.
    private static (bool Backwards, long? Beside) Cursor(string? text, QueryFields fields)
    {
        if (string.IsNullOrEmpty(text))
            return (false, null);
        if (text[0] is 'b' or 'f' && long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return (text[0] == 'b', id);
        fields.Refuse("cursor", "The cursor is not one of ours; take it from next or previous.");
        return (false, null);
    }

    private static AuditView Entry(NpgsqlDataReader reader)
    {
        return new()
        {
            Id = reader.GetInt64(0),
            At = reader.GetFieldValue<DateTimeOffset>(1),
            Actor = reader.GetString(2),
            Action = reader.GetString(3),
            Target = reader.GetString(4),
            Old = Json(5),
            New = Json(6),
            Address = reader.IsDBNull(7) ? null : reader.GetString(7),
        };

        JsonElement? Json(int column) => reader.IsDBNull(column) ? null : JsonElement.Parse(reader.GetString(column));
    }
}
