using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Import;

/// <summary>The command, run to its end as a process.</summary>
internal sealed record ImportRun(int ExitCode, string Output, string Errors)
{
    public const string SourceVariable = "SIGNALFLOW_IMPORT_FROM";
    private const string TargetVariable = "ConnectionStrings__signalflow";

    /// <summary>The figures of a table in the summary: source, written, unchanged, repeats, left out.</summary>
    public string Row(string table) => string.Join(' ', Output.Split('\n').Single(line => line.StartsWith(table + " ", StringComparison.Ordinal))
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1));

    public static async Task<ImportRun> OfAsync(string source, string target)
    {
        await using var import = Start(source, target);
        return await EndAsync(import);
    }

    public static ProgramProcess Start(string source, string target) => ProgramProcess.Start(
        "SignalFlow.Processing", ["import"], new Dictionary<string, string> { [TargetVariable] = target, [SourceVariable] = source });

    public static async Task<ImportRun> WithAsync(string target, params string[] arguments)
    {
        await using var import = ProgramProcess.Start(
            "SignalFlow.Processing", ["import", .. arguments], new Dictionary<string, string> { [TargetVariable] = target });
        return await EndAsync(import);
    }

    public static async Task<ImportRun> EndAsync(ProgramProcess import)
    {
        var code = await import.WaitForExitAsync();
        return new(code, import.Output, import.Errors);
    }
}
