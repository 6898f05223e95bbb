using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using SignalFlow.Contracts;
using SignalFlow.Storage.DeadLetters;

namespace SignalFlow.Api.DeadLetters.Replaying;

/// <summary>A checked selection.</summary>
/// <param name="Filter">As sent, for the audit log; null for letters that are named one by one, and for all.</param>
internal sealed record SelectedLetters(DeadLetterSelection Selection, DeadLetterConditions? Filter, bool DryRun, bool Force)
{
    public const int MostIds = 1_000;
    public const int MaxReasonLength = 500;

    public static SelectedLetters One(long id, bool dryRun, bool force) => new(new() { Ids = [id] }, null, dryRun, force);

    public long MissingFrom(DeadLetterStanding found) => Selection.Ids is { } ids && Selection.After == 0 ? ids.Length - found.Total : 0;

    public static bool TryParse(
        DeadLetterReplayRequest request, [NotNullWhen(true)] out SelectedLetters? selected, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        if ((request.Ids is null ? 0 : 1) + (request.Filter is null ? 0 : 1) + (request.All ? 1 : 0) != 1)
            fields.Refuse("ids", "Exactly one of ids, filter and all must be given.");
        if (request.Force && request.Ids is null)
            fields.Refuse("force", "force goes with ids only: parked letters are replayed one by one.");
        selected = Parse(request.Ids, request.Filter, request.Continue, request.DryRun, request.Force, fields);
        errors = fields.Errors;
        return errors.Count == 0;
    }

    public static bool TryParse(
        DeadLetterDiscardRequest request, [NotNullWhen(true)] out SelectedLetters? selected, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        if (request.Ids is null == request.Filter is null)
            fields.Refuse("ids", "Exactly one of ids and filter must be given.");
        if (request.Filter is { } filter && filter == new DeadLetterConditions())
            fields.Refuse("filter", "filter must have a condition.");
        CheckReason(request.Reason, fields);
        selected = Parse(request.Ids, request.Filter, request.Continue, request.DryRun, force: false, fields);
        errors = fields.Errors;
        return errors.Count == 0;
    }

    public static void CheckReason(string? reason, QueryFields fields)
    {
        if (string.IsNullOrWhiteSpace(reason))
            fields.Refuse("reason", "reason must say why.");
        else
            fields.Text("reason", reason, MaxReasonLength);
    }

    private static SelectedLetters Parse(
        IReadOnlyList<long>? ids, DeadLetterConditions? filter, string? next, bool dryRun, bool force, QueryFields fields)
    {
        if (ids is { Count: 0 or > MostIds })
            fields.Refuse("ids", $"ids must be 1 to {MostIds} numbers.");
        var selection = filter is null ? new() { Ids = ids?.Distinct().ToArray() } : DeadLetterFilter.Selected(filter, fields, "filter.");
        if (!string.IsNullOrEmpty(next))
        {
            if (ReplayRun.TryReadToken(next) is { } place)
                selection = selection with { After = place.After, Until = place.Until };
            else
                fields.Refuse("continue", "continue is not one of ours; take it from the answer before.");
        }

        return new(selection, filter, dryRun, force);
    }
}

/// <summary>What the audit log keeps of a replay or of discarding.</summary>
internal sealed record LetterAudit
{
    public required int Letters { get; init; }
    public required long First { get; init; }
    public required long Last { get; init; }
    public IReadOnlyList<long>? Ids { get; init; }
    public DeadLetterConditions? Filter { get; init; }
    public bool? Force { get; init; }
    public string? Reason { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LetterAudit))]
internal sealed partial class DeadLetterJsonContext : JsonSerializerContext;
