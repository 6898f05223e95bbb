using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Access;
using SignalFlow.Api.Paging;
using SignalFlow.Api.ReadYourWrites;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Api.Alerts;

/// <summary>The query of <c>GET /api/alerts/</c> as sent.</summary>
internal sealed record AlertListRequest(
    [FromQuery(Name = "rule")] string? Rule,
    [FromQuery(Name = "state")] string? State,
    [FromQuery(Name = "page_size")] string? PageSize,
    [FromQuery(Name = "cursor")] string? Cursor);

/// <summary>One's own alerts.</summary>
internal static class AlertEndpoints
{
    private const string List = "alerts";
    private const int MaxPageSize = 200;

    public static RouteGroupBuilder MapOwnAlerts(this IEndpointRouteBuilder endpoints)
    {
        var alerts = endpoints.MapGroup("/api/alerts").WithTags("Alerts");
        alerts.MapGet("/", ListAsync).WithName("ListAlerts").WithSummary("One's own alerts, newest first.");
        alerts.MapGet("/{id:long}", async Task<Results<Ok<AlertView>, NotFound>> (long id, AlertStore store, HttpContext http, CancellationToken cancel) =>
                await store.FindAsync(Owner(http), id, cancel) is { } alert ? TypedResults.Ok(alert) : TypedResults.NotFound())
            .WithName("GetAlert").WithSummary("One of one's own alerts.");
        alerts.MapPost("/{id:long}/acknowledge", async Task<Results<Ok<AlertsAcknowledged>, NotFound>> (
                long id, AlertStore store, TimeProvider time, HttpContext http, CancellationToken cancel) =>
                await store.AcknowledgeAsync(Owner(http), id, time.GetUtcNow(), cancel) is { } count
                    ? TypedResults.Ok(new AlertsAcknowledged(count)) : TypedResults.NotFound())
            .MarksWrites().WithName("AcknowledgeAlert").WithSummary("Takes note of an alert.");
        alerts.MapPost("/acknowledge", async (AlertStore store, TimeProvider time, HttpContext http, CancellationToken cancel) =>
                TypedResults.Ok(new AlertsAcknowledged(await store.AcknowledgeAsync(Owner(http), null, time.GetUtcNow(), cancel) ?? 0)))
            .MarksWrites().WithName("AcknowledgeAlerts").WithSummary("Takes note of all one's alerts.");
        return alerts;
    }

    private static async Task<Results<Ok<AlertPage>, ValidationProblem>> ListAsync(
        [AsParameters] AlertListRequest request, AlertStore store, CursorSeals seals, HttpContext http, CancellationToken cancellationToken)
    {
        var seal = await seals.GetAsync(cancellationToken);
        var owner = Owner(http);
        var fields = new QueryFields();
        var rule = fields.WholeNumber("rule", request.Rule);
        var state = fields.OneOf("state", request.State, "new", "acknowledged");
        var size = fields.WholeNumber("page_size", request.PageSize, 1, MaxPageSize, 50);
        var scope = CursorScope.Of(owner.ToString(), rule?.ToString(System.Globalization.CultureInfo.InvariantCulture), state);
        var cursor = fields.Cursor(request.Cursor, text => NumberCursor.TryDecode(seal, List, scope, text));
        if (fields.Errors.Count > 0)
            return TypedResults.ValidationProblem(fields.Errors);

        var backwards = cursor?.Backwards == true;
        var filter = new AlertFilter(rule, state is null ? null : state == "acknowledged", cursor?.Id, backwards, size + 1);
        var page = KeysetPage<AlertView, NumberCursor>.Of(
            await store.ListAsync(owner, filter, cancellationToken), size, cursor is null, backwards, (row, before) => new(before, row.Id));
        return TypedResults.Ok(new AlertPage
        {
            Next = PageLinks.For(http.Request, page.Next?.Encode(seal, List, scope)),
            Previous = PageLinks.For(http.Request, page.Previous?.Encode(seal, List, scope)),
            Results = page.Rows,
        });
    }

    internal static Guid Owner(HttpContext http) => Caller.Of(http).UserId!.Value;
}
