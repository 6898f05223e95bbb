using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using SignalFlow.Api.Answers;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;

namespace SignalFlow.Api.Analytics;

internal static class SignalEndpoints
{
    private static readonly string[] Kinds = [.. AlertKinds.All.Where(AlertKinds.IsEvent)];

    public static RouteGroupBuilder MapSignals(this RouteGroupBuilder analytics)
    {
        analytics.MapGet("/signals", SignalsAsync).WithName("GetSignals").WithSummary("What the analysis has noticed, newest first.");
        analytics.MapGet("/signals/shifts", ShiftsAsync).WithName("GetSentimentShifts").WithSummary("Subreddits and topics whose sentiment has moved.");
        analytics.MapGet("/signals/anomalies", AnomaliesAsync).WithName("GetAnomalies").WithSummary("Subreddits that were unusually busy or unusually quiet.");
        return analytics;
    }

    private static async Task<Results<Answer<SignalList>, ValidationProblem>> SignalsAsync(
        [AsParameters] WindowRequest request,
        [FromQuery(Name = "kind")] string? kind,
        AnswerCache cache,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var isWindow = AnalyticsWindow.TryParse(request, time.GetUtcNow().UtcDateTime, out var window, out var errors);
        var kinds = (kind ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (kinds.Except(Kinds).FirstOrDefault() is { } unknown)
            errors["kind"] = [$"{unknown} is none of {string.Join(", ", Kinds)}."];
        if (!isWindow || errors.Count > 0)
            return TypedResults.ValidationProblem(errors);
        return new Answer<SignalList>(await cache.GetAsync<SignalQueries>(
            $"signalflow:signals:{string.Join(',', kinds.Order(StringComparer.Ordinal))}:{window!.Key}", MakeAsync, cancellationToken));

        async Task<MadeAnswer> MakeAsync(SignalQueries queries, CancellationToken cancel)
        {
            var view = await queries.GetAsync(window, kinds, cancel);
            return new(Answer<SignalList>.Encode(view), view.Results.Count > 0);
        }
    }

    private static Task<Results<Answer<SentimentShiftList>, ValidationProblem>> ShiftsAsync(
        [AsParameters] WindowRequest request, AnswerCache cache, TimeProvider time, CancellationToken cancellationToken) =>
        AnalyticsEndpoints.OverWindowAsync<SignalQueries, SentimentShiftList>(
            "shifts", request, cache, time,
            (queries, window, cancel) => queries.ShiftsAsync(window, cancel), view => view.Results.Count > 0, cancellationToken);

    private static Task<Results<Answer<ActivityAnomalyList>, ValidationProblem>> AnomaliesAsync(
        [AsParameters] WindowRequest request, AnswerCache cache, TimeProvider time, CancellationToken cancellationToken) =>
        AnalyticsEndpoints.OverWindowAsync<SignalQueries, ActivityAnomalyList>(
            "anomalies", request, cache, time,
            (queries, window, cancel) => queries.AnomaliesAsync(window, cancel), view => view.Results.Count > 0, cancellationToken);
}
