using System.Text.Json;
using SignalFlow.Tests.EndToEnd;
using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests.Observability;

/// <summary>The commands of the runbooks, run as they are written, in a folder and with the addresses of a running program.</summary>
internal static class RunbookCommands
{
    private const string EndOfAnswer = "== end of answer";

    /// <summary>What looks and changes nothing. The others are SQL for a standby, and commands of Kafka's own programs.</summary>
    private static readonly string[] Verbs = ["ask ", "get ", "sql ", "curl "];

    public static IReadOnlyList<(string Page, string Text)> All { get; } = [.. Directory.GetFiles(PrometheusFiles.Runbooks, "*.md")
        .Where(page => Path.GetFileName(page) != "README.md")
        .Order()
        .SelectMany(page => Blocks(page).Where(line => Verbs.Any(verb => line.StartsWith(verb, StringComparison.Ordinal)))
            .Select(line => (Path.GetFileNameWithoutExtension(page), line)))];

    /// <returns>Those that failed, with what they said.</returns>
    public static async Task<IReadOnlyList<string>> FailuresAsync(StandaloneProcess standalone, Uri prometheus)
    {
        var prelude = string.Join('\n', Blocks(Path.Combine(PrometheusFiles.Runbooks, "README.md")))
            .Replace("http://localhost:8080", standalone.BaseAddress.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("http://localhost:9090", prometheus.ToString().TrimEnd('/'), StringComparison.Ordinal);
        var script = string.Join('\n', [
            $"cd '{Path.GetDirectoryName(standalone.DataFolder)}'", prelude,
            .. All.Select(command => $"{{ {command.Text}\n}} 2>&1; echo \"{EndOfAnswer} $?\""), ""]);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "commands.sh");
        await File.WriteAllTextAsync(file, script, TestContext.Current.CancellationToken);
        await using var bash = ProgramProcess.StartCommand("bash", [file]);
        await bash.WaitForExitAsync();

        var answers = Answers(bash.Output);
        Assert.True(answers.Count == All.Count, bash.Output + bash.Errors);
        return [.. All.Zip(answers).Where(command => !IsWell(command.First.Text, command.Second)).Select(command => $"{command.First}: {command.Second}")];
    }

    private static IEnumerable<string> Blocks(string page) =>
        File.ReadLines(page).Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line[4..]);

    private static List<(string Said, int Code)> Answers(string output)
    {
        var answers = new List<(string, int)>();
        var said = new List<string>();
        foreach (var line in output.Split('\n'))
        {
            if (line.StartsWith(EndOfAnswer, StringComparison.Ordinal))
            {
                answers.Add((string.Join('\n', said), int.Parse(line[EndOfAnswer.Length..], System.Globalization.CultureInfo.InvariantCulture)));
                said.Clear();
            }
            else
            {
                said.Add(line);
            }
        }

        return answers;
    }

    private static bool IsWell(string command, (string Said, int Code) answer)
    {
        if (answer.Code != 0)
            return false;
        if (command[..4] is not ("ask " or "get "))
            return answer.Said.Length > 0;
        using var said = JsonDocument.Parse(answer.Said);
        // An error of Prometheus has the status error, a problem of the API its number.
        return said.RootElement.ValueKind == JsonValueKind.Array || !said.RootElement.TryGetProperty("status", out var status)
            || status.ValueKind == JsonValueKind.String && status.GetString() != "error";
    }
}
