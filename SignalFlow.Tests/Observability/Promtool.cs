using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Observability;

/// <summary>The programs of Prometheus, where they are installed.</summary>
internal static class Promtool
{
    public static bool IsFound(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    public static void Require(string program) => Assert.SkipUnless(
        IsFound(program),
        $"{program} is not found: install it (Debian: apt-get install {Package(program)}) or put it on the PATH.");

    private static string Package(string program) => program switch
    {
        "promtool" => "prometheus",
        "psql" => "postgresql-client",
        _ => program,
    };

    /// <returns>Exit code and what was said.</returns>
    public static async Task<(int Code, string Said)> RunAsync(params string[] arguments)
    {
        Require("promtool");
        await using var process = ProgramProcess.StartCommand("promtool", arguments);
        var code = await process.WaitForExitAsync();
        return (code, process.Output + process.Errors);
    }

    /// <summary>What <c>promtool check metrics</c> says of a scrape, line by line.</summary>
    public static async Task<IReadOnlyList<string>> LintAsync(string metrics)
    {
        Require("promtool");
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "metrics");
        await File.WriteAllTextAsync(file, metrics, TestContext.Current.CancellationToken);
        await using var process = ProgramProcess.StartCommand("sh", ["-c", "promtool check metrics <\"$1\"", "sh", file]);
        await process.WaitForExitAsync();
        return (process.Output + process.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
