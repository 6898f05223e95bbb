namespace SignalFlow.Tests.Observability;

public sealed class AlertRuleTests
{
    [Fact]
    public void Every_metric_that_is_named_exists()
    {
        var recorded = PrometheusFiles.Rules.Where(rule => !rule.IsAlert).Select(rule => rule.Name).ToHashSet();
        var named = PrometheusFiles.NamedMetrics
            .Where(metric => metric.Key.StartsWith("signalflow", StringComparison.Ordinal) || OwnMetrics.IsOwn(metric.Key)).ToList();

        Assert.True(named.Count > 60, $"Only {named.Count} names were found.");
        Assert.Empty(named.Where(metric => !OwnMetrics.Names.Contains(metric.Key) && !recorded.Contains(metric.Key))
            .Select(metric => $"{metric.Key} in {string.Join(", ", metric)}"));
    }

    [Fact]
    public void Every_alert_has_a_severity_a_text_a_runbook_and_a_dashboard_that_exist()
    {
        var dashboards = PrometheusFiles.Dashboards.Select(dashboard => $"/d/{dashboard.GetProperty("uid").GetString()}").ToHashSet();

        Assert.All(PrometheusFiles.Alerts, alert =>
        {
            Assert.True(alert.Severity is "critical" or "warning", alert.Name);
            Assert.False(string.IsNullOrWhiteSpace(alert.Summary) || string.IsNullOrWhiteSpace(alert.Description), alert.Name);
            Assert.Equal($"docs/runbooks/{alert.Name}.md", alert.Runbook);
            Assert.Contains(alert.Dashboard!, dashboards);
        });
    }

    [Fact]
    public void Every_alert_has_a_runbook_and_every_runbook_an_alert_and_a_line_in_the_index()
    {
        var alerts = PrometheusFiles.Alerts.Select(alert => alert.Name).Distinct().Order(StringComparer.Ordinal).ToList();
        var runbooks = Directory.GetFiles(PrometheusFiles.Runbooks, "*.md").Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => name != "README").Order(StringComparer.Ordinal).ToList();
        var index = File.ReadAllText(Path.Combine(PrometheusFiles.Runbooks, "README.md"));

        Assert.Equal(alerts, runbooks);
        Assert.All(alerts, alert => Assert.Contains($"]({alert}.md)", index, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not()
    {
        var alerts = PrometheusFiles.Alerts.Select(alert => (alert.Name, Severity: alert.Severity!)).ToHashSet();
        var firing = PrometheusFiles.Checks.Where(check => check.Fires).Select(check => (check.Alert, check.Severity)).ToHashSet();
        var quiet = PrometheusFiles.Checks.Where(check => !check.Fires).Select(check => (check.Alert, check.Severity)).ToHashSet();

        Assert.NotEmpty(alerts);
        Assert.Equal(alerts, firing);
        Assert.Equal(alerts, quiet);
    }

    [Theory]
    [InlineData("sum by (le) (rate(a_bucket{le=~\"30(\\\\.0)?\",x=\"b {c}\"}[5m])) / on (d) group_left (e) f:g offset 5m", "a_bucket f:g")]
    [InlineData("up == 0 and on () time() - max(h) > 2 * 3600 or vector(0) unless i{j!~\"k\"}", "up h i")]
    [InlineData("histogram_quantile(0.99, sum by (le) (rate(l_bucket[$__rate_interval]))) > 1e3", "l_bucket")]
    public void Names_are_found_in_expressions(string expression, string names) =>
        Assert.Equal(names, string.Join(' ', PromQl.Metrics(expression)));
}
