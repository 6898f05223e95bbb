using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using SignalFlow.Contracts;
using SignalFlow.Storage.Subreddits;

namespace SignalFlow.Api.Admin.Subreddits;

/// <summary>A file of subreddits: columns <c>name</c>, and if wanted <c>tier</c> (or <c>priority</c>), <c>interval_seconds</c>, <c>active</c>.</summary>
internal sealed class SubredditCsv
{
    public const int MaxBytes = 512 << 10;
    public const int MaxLines = 5_000;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What can be done, with the number of its line.</summary>
    public List<(int Line, string Name, SubredditEdit Edit)> Rows { get; } = [];

    public List<SubredditImportLine> Refused { get; } = [];

    /// <summary>Why the file as a whole cannot be read; null when it can.</summary>
    public string? Error { get; private set; }

    public static SubredditCsv Read(Stream content)
    {
        var file = new SubredditCsv();
        // A byte order mark is skipped; any line ending is one.
        using var text = new StreamReader(content, StrictUtf8, detectEncodingFromByteOrderMarks: true);
        var bad = false;
        using var csv = new CsvParser(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            TrimOptions = TrimOptions.Trim,
            // Skipped here, so that lines are counted as an editor counts them.
            IgnoreBlankLines = false,
            BadDataFound = _ => bad = true,
        });
        try
        {
            if (!csv.Read())
                file.Error = "The file is empty; its first line must name the columns.";
            else if (file.Columns(csv.Record!) is { } columns)
                file.ReadRows(csv, columns, () => bad, () => bad = false);
        }
        catch (DecoderFallbackException)
        {
            file.Error = "The file is not UTF-8.";
        }

        return file;
    }

    private Columns? Columns(string[] header)
    {
        var columns = new Columns();
        for (var index = 0; index < header.Length; index++)
        {
            var isKnown = header[index].ToLowerInvariant() switch
            {
                "name" => columns.TrySetName(index),
                "tier" or "priority" => columns.TrySetTier(index),
                "interval_seconds" => columns.TrySetInterval(index),
                "active" => columns.TrySetActive(index),
                _ => false,
            };
            if (isKnown)
                continue;
            Error = $"Column {index + 1} (\"{Shown(header[index])}\") is unknown or there twice; columns are name, tier (or priority), interval_seconds and active.";
            return null;
        }

        if (columns.Name is not null)
            return columns;
        Error = "The first line must name the columns, and one must be name.";
        return null;
    }

    private void ReadRows(CsvParser csv, Columns columns, Func<bool> isBad, Action forget)
    {
        // Where a line begins: with an open quote it ends much later.
        for (var line = csv.RawRow + 1; csv.Read(); line = csv.RawRow + 1)
        {
            var fields = csv.Record!;
            if (fields is [""])
                continue;
            if (Rows.Count + Refused.Count >= MaxLines)
            {
                Error = string.Create(CultureInfo.InvariantCulture, $"The file has more than {MaxLines} lines of subreddits.");
                return;
            }

            if (isBad())
                Refuse(line, null, null, "A quote is open or out of place.");
            else if (fields.Length != columns.Count)
                Refuse(line, null, null, string.Create(CultureInfo.InvariantCulture, $"It has {fields.Length} fields, the first line {columns.Count}."));
            else
                Add(line, columns, fields);
            forget();
        }
    }

    private void Add(int line, Columns columns, string[] fields)
    {
        var name = fields[columns.Name!.Value];
        if (!SubredditFields.IsName(name))
        {
            Refuse(line, name, "name", SubredditFields.NameRule);
            return;
        }

        var tier = Field(columns.Tier)?.ToLowerInvariant();
        if (tier is not (null or "") && !SubredditFields.IsTier(tier))
        {
            Refuse(line, name, "tier", SubredditFields.TierRule);
            return;
        }

        int? interval = null;
        if (Field(columns.Interval) is { Length: > 0 } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || !SubredditFields.IsInterval(seconds))
            {
                Refuse(line, name, "interval_seconds", SubredditFields.IntervalRule);
                return;
            }

            interval = seconds;
        }

        if (!TryReadActive(Field(columns.Active), out var active))
            Refuse(line, name, "active", "active must be true or false.");
        else if (!_names.Add(name))
            Refuse(line, name, "name", "The name is there twice.");
        else
            // An empty field of a column that is there asks for the default; a column that is not there asks for nothing.
            Rows.Add((line, name, new(tier == "" ? SubredditFields.DefaultTier : tier, columns.Interval is not null, interval, active)));

        string? Field(int? column) => column is { } index ? fields[index] : null;
    }

    private static bool TryReadActive(string? text, out bool? active)
    {
        active = text?.ToLowerInvariant() switch
        {
            "" or "true" or "1" or "yes" => true,
            "false" or "0" or "no" => false,
            _ => null,
        };
        return text is null || active is not null;
    }

    private void Refuse(int line, string? name, string? field, string reason) =>
        Refused.Add(new(line, name is null ? null : Shown(name), "refused", field, reason));

    private static string Shown(string text) => text.Length <= 100 ? text : text[..100];
}

/// <summary>Where the columns are.</summary>
internal sealed class Columns
{
    public int? Name { get; private set; }
    public int? Tier { get; private set; }
    public int? Interval { get; private set; }
    public int? Active { get; private set; }
    public int Count => new[] { Name, Tier, Interval, Active }.Count(column => column is not null);

    public bool TrySetName(int index) => Name is null && (Name = index) is not null;
    public bool TrySetTier(int index) => Tier is null && (Tier = index) is not null;
    public bool TrySetInterval(int index) => Interval is null && (Interval = index) is not null;
    public bool TrySetActive(int index) => Active is null && (Active = index) is not null;
}
