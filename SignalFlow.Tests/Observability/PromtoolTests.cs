using System.Globalization;
using System.Text.RegularExpressions;

namespace SignalFlow.Tests.Observability;

public sealed partial class PromtoolTests
{
    [Fact]
    public async Task The_rules_are_valid()
    {
        var (code, said) = await Promtool.RunAsync(["check", "rules", .. PrometheusFiles.Files("rules")]);

        Assert.True(code == 0, said);
        Assert.Equal(PrometheusFiles.Rules.Count, Counts(said));
    }

    [Fact]
    public async Task The_alerts_fire_when_they_should_and_only_then()
    {
        var (code, said) = await Promtool.RunAsync(["test", "rules", .. PrometheusFiles.Files("tests")]);

        Assert.True(code == 0, said);
    }

    private static int Counts(string said) => Found().Matches(said)
        .Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex(@"(\d+) rules found")]
    private static partial Regex Found();
}
