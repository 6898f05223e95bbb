using System.Globalization;
using System.Text.Json;
using SignalFlow.Contracts;
using SignalFlow.Web.Components.Admin;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>A rule while it is edited: what was typed, also where it is nothing yet. The API decides what is right.</summary>
public sealed class RuleDraft
{
    private static readonly char[] Separators = [',', ';', ' ', '\t', '\r', '\n'];

    public string Name { get; set; } = "";
    public string Kind { get; set; } = "query";
    public string Query { get; set; } = "";
    public string Authors { get; set; } = "";
    public string Subreddits { get; set; } = "";
    public string Sensitivity { get; set; } = "medium";
    public string MinStrength { get; set; } = "";
    public HashSet<long> Channels { get; } = [];
    public string DedupeMinutes { get; set; } = "60";
    public string DigestMinutes { get; set; } = "";
    public bool HasQuietHours { get; set; }
    public string QuietFrom { get; set; } = "22:00";
    public string QuietTo { get; set; } = "07:00";

    /// <summary>Empty: nobody has said, and the browser is asked.</summary>
    public string TimeZone { get; set; } = "";

    public DateTimeOffset? MutedUntil { get; set; }
    public bool Active { get; set; } = true;

    public RuleKind KindWords => RuleWords.Kind(Kind);

    public static RuleDraft Of(RuleBeginning begin) => new()
    {
        Name = begin.Name ?? "",
        Kind = RuleWords.Kind(begin.Kind).Value,
        Query = begin.Query ?? "",
        Authors = begin.Authors ?? "",
        Subreddits = begin.Subreddits ?? "",
    };

    public static RuleDraft Of(AlertRuleDefinition rule)
    {
        var draft = new RuleDraft
        {
            Name = rule.Name ?? "",
            Kind = rule.Kind ?? "query",
            Query = rule.Query ?? "",
            Authors = string.Join(", ", rule.Authors ?? []),
            Subreddits = string.Join(", ", rule.Subreddits ?? []),
            Sensitivity = rule.Sensitivity ?? "medium",
            MinStrength = rule.MinStrength?.ToString(CultureInfo.InvariantCulture) ?? "",
            DedupeMinutes = (rule.DedupeMinutes ?? 60).ToString(CultureInfo.InvariantCulture),
            DigestMinutes = rule.DigestMinutes?.ToString(CultureInfo.InvariantCulture) ?? "",
            MutedUntil = rule.MutedUntil,
            Active = rule.Active ?? true,
        };
        draft.Channels.UnionWith(rule.Channels ?? []);
        if (rule.QuietHours is { } quiet)
            (draft.HasQuietHours, draft.QuietFrom, draft.QuietTo, draft.TimeZone) = (true, quiet.From ?? "", quiet.To ?? "", quiet.TimeZone ?? "");
        return draft;
    }

    /// <summary>All that fits the kind; what was typed for another kind is left out.</summary>
    /// <param name="rule">For the API.</param>
    /// <param name="problem">What is no number; null: it can be sent.</param>
    public bool TryRead(out AlertRuleDefinition rule, out RequestProblem? problem)
    {
        var errors = new Dictionary<string, string[]>();
        rule = Condition(errors) with
        {
            Name = Name.Trim(),
            Channels = [.. Channels.Order()],
            DigestMinutes = WholeNumber("digest_minutes", DigestMinutes, "A digest is a whole number of minutes, or empty for each at once.", errors),
            QuietHours = HasQuietHours ? new(QuietFrom.Trim(), QuietTo.Trim(), TimeZone.Trim()) : null,
            MutedUntil = MutedUntil,
            Active = Active,
        };
        problem = ProblemOf(errors);
        return problem is null;
    }

    /// <summary>Only what is looked for: it can be tried before it has a name.</summary>
    /// <inheritdoc cref="TryRead"/>
    public bool TryReadCondition(out AlertRuleDefinition rule, out RequestProblem? problem)
    {
        var errors = new Dictionary<string, string[]>();
        rule = Condition(errors);
        problem = ProblemOf(errors);
        return problem is null;
    }

    /// <summary>The same for two conditions that the API answers the same to.</summary>
    /// <param name="withSensitivity">False: as far as it says how many alerts each sensitivity makes.</param>
    public string Fingerprint(bool withSensitivity)
    {
        var condition = Condition([]);
        return JsonSerializer.Serialize(withSensitivity ? condition : condition with { Sensitivity = null }, ContractsJsonContext.Default.AlertRuleDefinition);
    }

    private AlertRuleDefinition Condition(Dictionary<string, string[]> errors) => new()
    {
        Kind = Kind,
        Query = KindWords.HasQuery && Query.Trim() is { Length: > 0 } query ? query : null,
        Authors = KindWords.HasAuthors ? Names(Authors, "u/") : null,
        Subreddits = Names(Subreddits, "r/"),
        Sensitivity = KindWords.HasStrength ? Sensitivity : null,
        MinStrength = KindWords.HasStrength
            ? Number("min_strength", MinStrength, "The least strength is a number such as 4.5, or empty for that of the sensitivity.", errors)
            : null,
        DedupeMinutes = WholeNumber("dedupe_minutes", DedupeMinutes, "The span is a whole number of minutes.", errors),
    };

    // As they are copied from Reddit.
    private static List<string> Names(string text, string prefix) =>
    [
        .. text.Split(Separators, StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name.Trim('/')).Select(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? name[prefix.Length..] : name),
    ];

    private static int? WholeNumber(string field, string text, string words, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        errors[field] = [words];
        return null;
    }

    private static double? Number(string field, string text, string words, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        if (double.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        errors[field] = [words];
        return null;
    }

    private static RequestProblem? ProblemOf(Dictionary<string, string[]> errors) =>
        errors.Count == 0 ? null : new(RequestProblemKind.Refused, string.Join(' ', errors.Values.SelectMany(words => words)), errors);
}
