using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using SignalFlow.RedditSimulator.Http;

namespace SignalFlow.RedditSimulator.Faults;

/// <summary>
/// <c>/simulator/faults</c>: <c>GET</c> lists the rules with their hits, <c>PUT</c> replaces them, <c>DELETE</c> clears them. For tests:
/// answers loopback only. Wrong input is a problem+json that names the field.
/// </summary>
internal static class FaultEndpoints
{
    private const int MostFaults = 100;

    public static void MapFaults(this IEndpointRouteBuilder app)
    {
        var faults = app.MapGroup("/simulator/faults").AddEndpointFilter(ThisMachineOnly.InvokeAsync);
        faults.MapGet("", List);
        faults.MapPut("", ReplaceAsync);
        faults.MapDelete("", Clear);
    }

    private static JsonHttpResult<FaultList> List(FaultBoard board) => TypedResults.Json(
        new FaultList([.. board.Current.Select(fault => new FaultStatus(fault.Rule, fault.Hits))]), FaultJsonContext.Default.FaultList);

    private static async Task<Results<JsonHttpResult<FaultList>, ValidationProblem>> ReplaceAsync(HttpContext context, FaultBoard board)
    {
        FaultRules? rules;
        try
        {
            rules = await JsonSerializer.DeserializeAsync(context.Request.Body, FaultJsonContext.Default.FaultRules, context.RequestAborted);
        }
        catch (JsonException e)
        {
            return TypedResults.ValidationProblem(new Dictionary<string, string[]> { [FieldOf(e.Path)] = [e.Message] });
        }

        var errors = ErrorsOf(rules);
        if (errors.Count > 0)
            return TypedResults.ValidationProblem(errors);

        board.Replace(rules!.Faults);
        return List(board);
    }

    private static NoContent Clear(FaultBoard board)
    {
        board.Replace([]);
        return TypedResults.NoContent();
    }

    private static Dictionary<string, string[]> ErrorsOf(FaultRules? rules)
    {
        if (rules is not { Faults: { Length: <= MostFaults } faults })
            return new() { ["faults"] = [$"must be an array of at most {MostFaults} faults"] };

        return faults
            .SelectMany((rule, i) => rule is null ? [($"faults[{i}]", "must be an object")] : rule.Errors().Select(e => ($"faults[{i}].{e.Field}", e.Error)))
            .GroupBy(error => error.Item1, error => error.Item2)
            .ToDictionary(field => field.Key, field => field.ToArray());
    }

    private static string FieldOf(string? jsonPath) => jsonPath is null or "$" ? "faults" : jsonPath.TrimStart('$', '.');
}

internal sealed record FaultRules(FaultRule[] Faults);

internal sealed record FaultStatus(FaultRule Rule, int Hits);

internal sealed record FaultList(FaultStatus[] Faults);

[JsonSerializable(typeof(FaultRules))]
[JsonSerializable(typeof(FaultList))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(SnakeCaseFaultKind)])]
internal sealed partial class FaultJsonContext : JsonSerializerContext;

internal sealed class SnakeCaseFaultKind()
    : JsonStringEnumConverter<FaultKind>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false);
