using System.Text.Json;
using System.Text.RegularExpressions;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Observability;

/// <summary>What stands in the files for Prometheus and Grafana. Of YAML only the form is read in which these are written.</summary>
internal static partial class PrometheusFiles
{
    public static string Folder { get; } = Path.Combine(Checkout.Folder, "SignalFlow.AppHost", "prometheus");

    public static string Runbooks { get; } = Path.Combine(Checkout.Folder, "docs", "runbooks");

    public static string DashboardsFolder { get; } = Path.Combine(Checkout.Folder, "SignalFlow.AppHost", "grafana", "dashboards");

    public static IReadOnlyList<Rule> Rules { get; } = [.. Files("rules").SelectMany(file => ReadRules(File.ReadAllText(file)))];

    public static IReadOnlyList<Rule> Alerts { get; } = [.. Rules.Where(rule => rule.IsAlert)];

    public static IReadOnlyList<AlertCheck> Checks { get; } = [.. Files("tests").SelectMany(file => ReadChecks(File.ReadAllText(file)))];

    public static IReadOnlyList<JsonElement> Dashboards { get; } =
        [.. Directory.GetFiles(DashboardsFolder, "*.json").Order().Select(file => JsonDocument.Parse(File.ReadAllText(file)).RootElement)];

    public static IReadOnlyList<JsonElement> Panels { get; } = [.. Dashboards
        .SelectMany(dashboard => dashboard.GetProperty("panels").EnumerateArray()).Where(panel => panel.GetProperty("type").GetString() != "row")];

    /// <summary>Every metric that a rule, a test of a rule or a dashboard names, with where.</summary>
    public static ILookup<string, string> NamedMetrics { get; } =
        Rules.SelectMany(rule => PromQl.Metrics(rule.Expression).Select(name => (name, Where: rule.Name)))
            .Concat(Files("tests").SelectMany(file => Series().Matches(File.ReadAllText(file))
                .Select(series => (series.Groups["name"].Value, Path.GetFileName(file)))))
            .Concat(Panels.SelectMany(panel => Expressions(panel)
                .SelectMany(PromQl.Metrics).Select(name => (name, $"panel {panel.GetProperty("title").GetString()}"))))
            .ToLookup(named => named.Item1, named => named.Item2);

    public static IEnumerable<string> Expressions(JsonElement panel) =>
        panel.GetProperty("targets").EnumerateArray().Select(target => target.GetProperty("expr").GetString()!);

    public static string[] Files(string folder) => [.. Directory.GetFiles(Path.Combine(Folder, folder), "*.yml").Order()];

    private static IEnumerable<Rule> ReadRules(string yaml) => RuleItem().Split(yaml).Skip(1).Chunk(3).Select(parts =>
    {
        var (kind, name, body) = (parts[0], parts[1], parts[2]);
        var block = Block().Match(body);
        var expression = block.Success ? block.Groups["lines"].Value : Inline().Match(body).Groups["line"].Value;
        return new Rule(name, kind == "alert", expression.Trim(), Value(body, "severity"), Value(body, "runbook_url"), Value(body, "dashboard"),
            Value(body, "summary"), Value(body, "description"));
    });

    private static string? Value(string body, string key) =>
        Regex.Match(body, $@"\b{key}: '?(?<value>[^}}\n]*(?:\{{\{{[^}}]*\}}\}}[^}}\n]*)*)") is { Success: true } match
            ? match.Groups["value"].Value.TrimEnd('\'')
            : null;

    private static IEnumerable<AlertCheck> ReadChecks(string yaml) => Check().Matches(yaml)
        .Select(check => new AlertCheck(check.Groups["name"].Value, check.Groups["severity"].Value, check.Groups["samples"].Value.Trim() != "[]"));

    [GeneratedRegex(@"^ *- (alert|record): (\S+)\n", RegexOptions.Multiline)]
    private static partial Regex RuleItem();

    [GeneratedRegex(@"expr: \|\n(?<lines>(?: {10}.*\n)+)")]
    private static partial Regex Block();

    [GeneratedRegex(@"expr: (?<line>.*)\n")]
    private static partial Regex Inline();

    [GeneratedRegex(@"series: '(?<name>[\w:]+)")]
    private static partial Regex Series();

    [GeneratedRegex(
        @"ALERTS\{alertname=""(?<name>\w+)"",alertstate=""firing"",severity=""(?<severity>\w+)""\}.*\n +eval_time: .*\n +exp_samples: (?<samples>.*)\n")]
    private static partial Regex Check();
}

internal sealed record Rule(
    string Name, bool IsAlert, string Expression, string? Severity, string? Runbook, string? Dashboard, string? Summary, string? Description);

/// <param name="Fires">Whether the test expects the alert to fire at this time.</param>
internal sealed record AlertCheck(string Alert, string Severity, bool Fires);
