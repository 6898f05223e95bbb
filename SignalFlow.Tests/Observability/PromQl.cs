using System.Text.RegularExpressions;

namespace SignalFlow.Tests.Observability;

/// <summary>As much of PromQL as it takes to find the metrics that an expression names.</summary>
internal static partial class PromQl
{
    private static readonly HashSet<string> Words = ["and", "or", "unless", "bool", "offset", "inf", "nan"];

    public static IEnumerable<string> Metrics(string expression)
    {
        var bare = Text().Replace(expression, "");
        bare = Braces().Replace(bare, " ");
        bare = Labels().Replace(bare, " ");
        return Name().Matches(bare).Select(name => name.Value).Where(name => !Words.Contains(name.ToLowerInvariant())).Distinct();
    }

    [GeneratedRegex("""
        "(\\.|[^"\\])*"|'(\\.|[^'\\])*'
        """)]
    private static partial Regex Text();

    // Matchers and ranges.
    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]")]
    private static partial Regex Braces();

    // What is grouped or joined by.
    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Labels();

    // Neither a function nor the unit of a number.
    [GeneratedRegex(@"(?<![\w.:$])[a-zA-Z_:][\w:]*(?![\w:]|\s*\()")]
    private static partial Regex Name();
}
