using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using SignalFlow.Api.Posts;
using SignalFlow.Contracts;

namespace SignalFlow.Api.Live;

/// <summary>What a client asks for, when it connects by the query, later by a message with the same names.</summary>
/// <param name="Filter">What it wants to see.</param>
/// <param name="AskedSnapshot">How many posts it wants to start with; 0: none; null: it did not say.</param>
/// <param name="IsTold">It wants to hear more than updates. The original's clients know nothing else.</param>
/// <param name="After">The last sequence that it has seen; null when it comes for the first time.</param>
internal sealed record LiveRequest(LiveFilter Filter, int? AskedSnapshot, bool IsTold, long? After)
{
    public const int MaxSnapshot = 200;

    private const int MaxSubreddits = 100;
    private const int MaxKeywords = 10;

    private static readonly string[] TierNames = ["aggressive", "normal", "slow", "inactive"];

    public int Snapshot => AskedSnapshot ?? 0;

    public static bool TryParse(
        IQueryCollection query, [NotNullWhen(true)] out LiveRequest? request, out Dictionary<string, string[]> errors) =>
        TryParse(name => query[name] is { Count: > 0 } values ? values.ToString() : null, new QueryFields(), out request, out errors);

    public static bool TryParse(
        JsonElement message, [NotNullWhen(true)] out LiveRequest? request, out Dictionary<string, string[]> errors)
    {
        var fields = new QueryFields();
        var values = new Dictionary<string, string?>();
        if (message.ValueKind != JsonValueKind.Object)
            fields.Refuse("type", "The message must be an object.");
        else
        {
            foreach (var property in message.EnumerateObject())
                values[NameOf(property.Name, fields)] = Text(property, fields);
        }

        return TryParse(name => values.GetValueOrDefault(name), fields, out request, out errors);
    }

    private static bool TryParse(
        Func<string, string?> value, QueryFields fields, [NotNullWhen(true)] out LiveRequest? request, out Dictionary<string, string[]> errors)
    {
        var filter = new LiveFilter
        {
            Subreddits = Lower(fields.Texts("subreddit", value("subreddit"), MaxSubreddits)),
            Tiers = Tiers(value("tier"), fields),
            Phases = [.. PostFilter.ParsePhases(value("phase"), fields).Select(SurgePhaseNames.Of)],
            MinScore = fields.WholeNumber("min_score", value("min_score")),
            TrendingOnly = fields.Boolean("trending", value("trending")) == true,
            Keywords = Lower(fields.Texts("keyword", value("keyword"), MaxKeywords)),
        };
        int? snapshot = string.IsNullOrEmpty(value("snapshot")) ? null : fields.WholeNumber("snapshot", value("snapshot"), 0, MaxSnapshot, 0);
        var after = Sequence(value("last_sequence"), fields);
        var isTold = fields.Boolean("status", value("status")) == true || snapshot is not null || after is not null;
        errors = fields.Errors;
        request = errors.Count == 0 ? new(filter, snapshot, isTold, after) : null;
        return request is not null;
    }

    private static string[] Lower(string[] values) => [.. values.Select(value => value.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];

    private static string[] Tiers(string? value, QueryFields fields)
    {
        var tiers = Lower(fields.Texts("tier", value));
        if (!Array.TrueForAll(tiers, tier => TierNames.Contains(tier, StringComparer.Ordinal)))
            fields.Refuse("tier", "tier must be aggressive, normal, slow or inactive, or several of them, separated by commas.");
        return tiers;
    }

    private static long? Sequence(string? value, QueryFields fields)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            return sequence;
        fields.Refuse("last_sequence", "last_sequence must be the sequence of the last message, a whole number.");
        return null;
    }

    /// <summary>In a message, where a list is one, its name may be a plural.</summary>
    private static string NameOf(string name, QueryFields fields)
    {
        switch (name)
        {
            case "subreddits" or "tiers" or "phases" or "keywords":
                return name[..^1];
            case "type" or "subreddit" or "tier" or "phase" or "min_score" or "trending" or "keyword" or "snapshot" or "status" or "last_sequence":
                return name;
            default:
                fields.Refuse(
                    name,
                    $"{name} is not known; there are subreddits, tiers, phases, min_score, trending, keywords, snapshot, status and last_sequence.");
                return name;
        }
    }

    private static string? Text(JsonProperty property, QueryFields fields)
    {
        switch (property.Value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.String:
                return property.Value.GetString();
            case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                return property.Value.GetRawText();
            case JsonValueKind.Array when property.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                return string.Join(',', property.Value.EnumerateArray().Select(item => item.GetString()));
            default:
                fields.Refuse(property.Name, $"{property.Name} must be a text, a number, true or false, or a list of texts.");
                return null;
        }
    }
}
