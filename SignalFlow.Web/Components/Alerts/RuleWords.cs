using System.Globalization;
using SignalFlow.Contracts;

namespace SignalFlow.Web.Components.Alerts;

/// <summary>What a kind of rule can be given.</summary>
/// <param name="Value">As the API has it.</param>
/// <param name="Words">In a list.</param>
/// <param name="Explanation">Continues "Fires on".</param>
public sealed record RuleKind(string Value, string Words, string Explanation)
{
    public bool HasQuery => Value is "query" or "volume" or "surge";

    public bool NeedsQuery => Value is "query" or "volume";

    public bool HasAuthors => Value == "author";

    /// <summary>Else it fires on every match.</summary>
    public bool HasStrength => Value is not ("query" or "author");

    /// <summary>What strength is told in.</summary>
    public string Unit => Value switch
    {
        "surge" => "times the typical",
        "volume" => "median absolute deviations",
        _ => "standard deviations",
    };
}

/// <summary>Rules as people read them.</summary>
internal static class RuleWords
{
    public static readonly IReadOnlyList<RuleKind> Kinds =
    [
        new("query", "Posts that match a query", "each new post that matches the query."),
        new("author", "Posts of an author", "each new post of one of the authors."),
        new("volume", "More posts than usual", "an hour with more posts that match the query than the same hour of the week usually has."),
        new("surge", "Posts that surge", "a post that does many times what posts of its age in its subreddit do; with a query, such a post that matches it."),
        new("term_burst", "Words suddenly used", "a word or phrase that many people suddenly use."),
        new("sentiment_shift", "Mood that moves", "a subreddit or topic whose mood has moved."),
        new("anomaly", "Unusual subreddits", "a subreddit that is unusually busy, or unusually quiet."),
    ];

    public static readonly IReadOnlyList<string> Sensitivities = ["low", "medium", "high"];

    /// <summary>What a rule is muted to that is muted until somebody ends it; the API only knows times.</summary>
    public static readonly DateTimeOffset NeverMind = new(2999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The first where the API has one that is not known here.</summary>
    public static RuleKind Kind(string? value) => Kinds.FirstOrDefault(kind => kind.Value == value) ?? Kinds[0];

    /// <summary>"rocket -model, in r/space".</summary>
    public static string LooksFor(AlertRuleDefinition rule)
    {
        var kind = Kind(rule.Kind);
        var parts = new List<string>();
        if (rule.Query is { Length: > 0 } query)
            parts.Add(query);
        if (rule.Authors is { Count: > 0 } authors)
            parts.Add("by " + string.Join(", ", authors.Select(name => "u/" + name)));
        if (rule.Subreddits is { Count: > 0 } subreddits)
            parts.Add("in " + string.Join(", ", subreddits.Select(name => "r/" + name)));
        if (kind.HasStrength)
            parts.Add(rule.MinStrength is { } least
                ? string.Create(CultureInfo.InvariantCulture, $"from {least:0.##} {kind.Unit} on")
                : $"sensitivity {rule.Sensitivity ?? "medium"}");
        return parts.Count == 0 ? "everywhere" : string.Join("; ", parts);
    }

    public static bool IsMuted(AlertRuleDefinition rule, DateTimeOffset now) => rule.MutedUntil > now;

    /// <summary>"2.3 alerts a day", "an alert every 4 days".</summary>
    public static string PerDay(double count) => count switch
    {
        <= 0 => "none in the last 7 days",
        < 0.95 => string.Create(CultureInfo.InvariantCulture, $"about one in {Math.Max(2, Math.Round(1 / count)):0} days"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"about {count:0.#} a day"),
        _ => string.Create(CultureInfo.InvariantCulture, $"about {count:N0} a day"),
    };

    /// <summary>What was measured, beside what it was measured against.</summary>
    public static string Evidence(AlertPreviewMatch match, RuleKind kind)
    {
        if (match is { Observed: { } observed, Expected: { } expected })
            return string.Create(CultureInfo.InvariantCulture, $"{observed:0} posts, usually {expected:0.#}");
        return match.Strength is { } strength ? string.Create(CultureInfo.InvariantCulture, $"{strength:0.#} {kind.Unit}") : "";
    }
}
