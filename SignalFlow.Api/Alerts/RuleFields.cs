using System.Globalization;
using SignalFlow.Contracts;
using SignalFlow.Storage.Alerts;
using SignalFlow.Storage.Alerts.Queries;
using SignalFlow.Storage.Alerts.Rules;

namespace SignalFlow.Api.Alerts;

/// <summary>What the fields of a rule may be.</summary>
internal static class RuleFields
{
    private const int MaxNameLength = 100;
    private const int MaxNames = 20;
    private const int MaxWordLength = 50;
    private const int MostChannels = 20;

    /// <returns>Null: <paramref name="fields"/> says why.</returns>
    public static RuleDefinition? Read(AlertRuleDefinition given, QueryFields fields)
    {
        var name = given.Name?.Trim();
        if (string.IsNullOrEmpty(name) || name.Length > MaxNameLength || !OneLine.Is(name))
            fields.Refuse("name", $"name must be text of 1 to {MaxNameLength} characters, in one line.");
        var condition = Condition(given, fields);
        if (given.Channels is { } channels && (channels.Count > MostChannels || channels.Distinct().Count() != channels.Count))
            fields.Refuse("channels", $"channels must be at most {MostChannels} ids, each once.");
        if (given.DigestMinutes is < 5 or > 1_440)
            fields.Refuse("digest_minutes", "digest_minutes must be a whole number from 5 to 1440, or null.");
        var quiet = given.QuietHours is null ? null : Quiet(given.QuietHours, fields);
        return fields.Errors.Count > 0 || condition is null ? null : new()
        {
            Name = name!,
            Condition = condition,
            Channels = [.. given.Channels ?? []],
            DigestMinutes = given.DigestMinutes,
            Quiet = quiet,
            MutedUntil = given.MutedUntil?.ToUniversalTime(),
            Active = given.Active ?? true,
        };
    }

    /// <summary>What a rule looks for, without what becomes of it.</summary>
    public static RuleCondition? Condition(AlertRuleDefinition given, QueryFields fields)
    {
        if (given.Kind is null || !AlertKinds.All.Contains(given.Kind))
        {
            fields.Refuse("kind", $"kind must be {string.Join(", ", AlertKinds.All.SkipLast(1))} or {AlertKinds.All[^1]}.");
            return null;
        }

        CheckQuery(given, fields);
        var authors = Names("authors", given.Authors, fields);
        if (given.Kind == AlertKinds.Author && authors.Length == 0)
            fields.Refuse("authors", "authors must name at least one.");
        else if (given.Kind != AlertKinds.Author && authors.Length > 0)
            fields.Refuse("authors", $"A rule of the kind {given.Kind} has no authors.");
        var subreddits = Names("subreddits", given.Subreddits, fields);
        if (given.Sensitivity is not null && !AlertSensitivity.All.Contains(given.Sensitivity))
            fields.Refuse("sensitivity", "sensitivity must be low, medium or high.");
        if (given.MinStrength is { } strength && !(strength is >= 0 and <= 1_000_000))
            fields.Refuse("min_strength", "min_strength must be a number from 0 to 1000000, or null.");
        if (given.DedupeMinutes is < 0 or > 10_080)
            fields.Refuse("dedupe_minutes", "dedupe_minutes must be a whole number from 0 to 10080.");
        return fields.Errors.Count > 0 ? null : new()
        {
            Kind = given.Kind,
            Query = string.IsNullOrWhiteSpace(given.Query) ? null : given.Query.Trim(),
            Authors = authors,
            Subreddits = Array.ConvertAll(subreddits, name => name.ToLowerInvariant()),
            Sensitivity = given.Sensitivity ?? AlertSensitivity.Medium,
            MinStrength = given.MinStrength,
            DedupeMinutes = given.DedupeMinutes ?? 60,
        };
    }

    public static AlertRuleView View(AlertRule rule) => new()
    {
        Id = rule.Id,
        Rule = Definition(rule.Definition),
        Version = Version(rule),
        CreatedAt = rule.State.CreatedAt,
        UpdatedAt = rule.State.UpdatedAt,
        EvaluatedAt = rule.State.EvaluatedAt,
        Error = rule.State.Error,
        Suppressed = rule.State.Suppressed,
    };

    public static AlertRuleDefinition Definition(RuleDefinition rule) => new()
    {
        Name = rule.Name,
        Kind = rule.Condition.Kind,
        Query = rule.Condition.Query,
        Authors = rule.Condition.Authors,
        Subreddits = rule.Condition.Subreddits,
        Sensitivity = rule.Condition.Sensitivity,
        MinStrength = rule.Condition.MinStrength,
        Channels = rule.Channels,
        DedupeMinutes = rule.Condition.DedupeMinutes,
        DigestMinutes = rule.DigestMinutes,
        QuietHours = rule.Quiet is { } quiet ? new(Clock(quiet.From), Clock(quiet.To), quiet.TimeZone) : null,
        MutedUntil = rule.MutedUntil,
        Active = rule.Active,
    };

    public static string Version(AlertRule rule) => rule.State.Version.ToString(CultureInfo.InvariantCulture);

    private static void CheckQuery(AlertRuleDefinition given, QueryFields fields)
    {
        var mayHave = given.Kind is AlertKinds.Query or AlertKinds.Volume or AlertKinds.Surge;
        if (string.IsNullOrWhiteSpace(given.Query))
        {
            if (mayHave && given.Kind != AlertKinds.Surge)
                fields.Refuse("query", $"A rule of the kind {given.Kind} needs a query.");
        }
        else if (!mayHave)
        {
            fields.Refuse("query", $"A rule of the kind {given.Kind} has no query.");
        }
        else if (!AlertQuery.TryParse(given.Query.Trim(), out var query, out var error))
        {
            fields.Refuse("query", error.ToString());
        }
        else if (given.Kind == AlertKinds.Volume && query.ReadsCounters)
        {
            fields.Refuse("query", "A volume is counted by when posts are made; score and comments come later.");
        }
    }

    private static string[] Names(string field, IReadOnlyList<string>? given, QueryFields fields)
    {
        var names = (given ?? []).Select(name => name?.Trim() ?? "").ToArray();
        if (names.Length > MaxNames
            || names.Any(name => name.Length is 0 or > MaxWordLength
                || name.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('_' or '-'))))
            fields.Refuse(field, $"{field} must be at most {MaxNames} names as Reddit has them.");
        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static QuietTime? Quiet(AlertQuietHours given, QueryFields fields)
    {
        var from = Clock(given.From);
        var to = Clock(given.To);
        if (from is null || to is null || from == to)
            fields.Refuse("quiet_hours", "quiet_hours must have from and to, two different times such as 22:00 and 07:00.");
        else if (given.TimeZone is null || !QuietTime.IsTimeZone(given.TimeZone))
            fields.Refuse("quiet_hours", "quiet_hours must have a time_zone such as Europe/Berlin.");
        else
            return new(from.Value, to.Value, given.TimeZone);
        return null;
    }

    private static TimeOnly? Clock(string? text) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    private static string Clock(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}
