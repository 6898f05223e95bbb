using System.Globalization;
using SignalFlow.Api.Paging;

namespace SignalFlow.Api;

/// <summary>Reads the values of a query string. A value that is left out or empty is null; one that is wrong is told by its field's name.</summary>
internal sealed class QueryFields
{
    public Dictionary<string, string[]> Errors { get; } = [];

    public void Refuse(string name, string message) => Errors[name] = [message];

    public string? Text(string name, string? value, int maxLength)
    {
        if (string.IsNullOrWhiteSpace(value))
            return null;
        if (value.Length > maxLength || value.Contains('\0', StringComparison.Ordinal))
            Refuse(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be at most {maxLength} characters of text."));
        return value.Trim();
    }

    /// <summary>Values separated by commas.</summary>
    public string[] Texts(string name, string? value, int maxCount = int.MaxValue)
    {
        var values = value?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        if (values.Length > maxCount)
            Refuse(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be at most {maxCount} values, separated by commas."));
        // PostgreSQL's text holds none.
        if (value?.Contains('\0', StringComparison.Ordinal) == true)
            Refuse(name, $"{name} holds a NUL character.");
        return values;
    }

    /// <summary>Values separated by commas, all of which must be allowed.</summary>
    /// <param name="message">The rule.</param>
    public string[] Texts(string name, string? value, Predicate<string> isAllowed, string message)
    {
        var values = Texts(name, value);
        if (!Array.TrueForAll(values, isAllowed))
            Refuse(name, message);
        return values;
    }

    /// <summary>A place in a list that was given to the client.</summary>
    /// <param name="open">Gives null for what is none of this list.</param>
    public TCursor? Cursor<TCursor>(string? value, Func<string, TCursor?> open)
        where TCursor : class
    {
        if (string.IsNullOrEmpty(value))
            return null;
        var cursor = open(value);
        if (cursor is null)
            Refuse("cursor", CursorSeal.Refusal);
        return cursor;
    }

    public string? OneOf(string name, string? value, params ReadOnlySpan<string> allowed)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        var given = value.ToLowerInvariant();
        if (allowed.Contains(given))
            return given;
        Refuse(name, $"{name} must be {string.Join(", ", allowed[..^1])} or {allowed[^1]}.");
        return null;
    }

    public bool? Boolean(string name, string? value)
    {
        switch (value?.ToLowerInvariant())
        {
            case null or "":
                return null;
            case "true" or "1":
                return true;
            case "false" or "0":
                return false;
            default:
                Refuse(name, $"{name} must be true or false.");
                return null;
        }
    }

    public int? WholeNumber(string name, string? value)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            return number;
        Refuse(name, $"{name} must be a whole number.");
        return null;
    }

    public int WholeNumber(string name, string? value, int min, int max, int otherwise)
    {
        if (string.IsNullOrEmpty(value))
            return otherwise;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a whole number from {min} to {max}."));
        return otherwise;
    }

    public double? Number(string name, string? value, double min, double max)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        // Not a number is not between two numbers.
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return number;
        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {min} to {max}."));
        return null;
    }

    /// <summary>A day (<c>2026-11-23</c>, the whole of it) or an instant (ISO 8601; without an offset it is UTC).</summary>
    public DateTime? Instant(string name, string? value, bool endOfDay)
    {
        if (string.IsNullOrEmpty(value))
            return null;
        if (DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
            return (endOfDay ? day.AddDays(1) : day).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        if (DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
            return instant.UtcDateTime;
        Refuse(name, $"{name} must be a day (YYYY-MM-DD) or an ISO 8601 time.");
        return null;
    }
}
