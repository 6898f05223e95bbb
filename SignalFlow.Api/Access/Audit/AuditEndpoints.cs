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
    private const string List = "audit";
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
        [AsParameters] AuditListRequest request, NpgsqlDataSource database, CursorSeals seals, HttpRequest http, CancellationToken cancellationToken)
    {
        var seal = await seals.GetAsync(cancellationToken);
        var fields = new QueryFields();
        var actor = fields.Text("actor", request.Actor, MaxTextLength);
        var action = fields.Text("action", request.Action, MaxTextLength);
        var target = fields.Text("target", request.Target, MaxTextLength);
        var start = fields.Instant("start", request.Start, endOfDay: false);
        var end = fields.Instant("end", request.End, endOfDay: true);
        var size = fields.WholeNumber("page_size", request.PageSize, 1, MaxPageSize, DefaultPageSize);
        var scope = CursorScope.Of(actor, action, target, CursorScope.Instant(start), CursorScope.Instant(end));
        var cursor = fields.Cursor(request.Cursor, text => NumberCursor.TryDecode(seal, List, scope, text));
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);

        var backwards = cursor?.Backwards == true;
        await using var command = database.CreateCommand($"""
            SELECT id, at, actor, action, target, old::text, new::text, address FROM audit_log
            WHERE ($1 IS NULL OR actor = $1) AND ($2 IS NULL OR action = $2) AND ($3 IS NULL OR target = $3)
              AND ($4 IS NULL OR at >= $4) AND ($5 IS NULL OR at < $5) AND ($6 IS NULL OR id {(backwards ? ">" : "<")} $6)
            ORDER BY id {(backwards ? "ASC" : "DESC")} LIMIT {size + 1}
            """);
        Add(NpgsqlDbType.Text, actor);
        Add(NpgsqlDbType.Text, action);
        Add(NpgsqlDbType.Text, target);
        Add(NpgsqlDbType.TimestampTz, start);
        Add(NpgsqlDbType.TimestampTz, end);
        Add(NpgsqlDbType.Bigint, cursor?.Id);
        var rows = new List<AuditView>();
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(Entry(reader));
        }

        var page = KeysetPage<AuditView, NumberCursor>.Of(rows, size, cursor is null, backwards, (row, before) => new(before, row.Id));
        return TypedResults.Ok(new AuditPage
        {
            Next = PageLinks.For(http, page.Next?.Encode(seal, List, scope)),
            Previous = PageLinks.For(http, page.Previous?.Encode(seal, List, scope)),
            Results = page.Rows,
        });

        void Add(NpgsqlDbType type, object? value) => command.Parameters.Add(new() { Value = value ?? DBNull.Value, NpgsqlDbType = type });
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
