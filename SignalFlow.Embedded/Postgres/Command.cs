using System.ComponentModel;
using System.Diagnostics;

namespace SignalFlow.Embedded.Postgres;

/// <summary>Runs a program to its end and keeps what it said.</summary>
internal static class Command
{
    // A server that pg_ctl leaves behind can hold its output open on Windows; what counts has been said when pg_ctl ends.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    public static async Task<CommandResult> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CommandResult(process.ExitCode, $"{await TextOf(output)}{await TextOf(error)}".Trim());
    }

    /// <summary>For the last moments of the process, when nothing asynchronous runs any more.</summary>
    public static void RunAndWait(IReadOnlyList<string> command, TimeSpan timeout)
    {
        using var process = Start(command);
        process.WaitForExit(timeout);
    }

    private static Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            // The current folder may be closed to the server's account.
            WorkingDirectory = Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } root ? root : "/",
        };
        foreach (var argument in command.Skip(1))
            start.ArgumentList.Add(argument);

        start.Environment["LC_ALL"] = "C";
        // Variables of an operator's other PostgreSQL must not reach this one.
        foreach (var name in start.Environment.Keys.Where(key => key.StartsWith("PG", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedInfrastructureException($"{command[0]} cannot be run: {e.Message}.", e);
        }
    }

    private static async Task<string> TextOf(Task<string> output)
    {
        try
        {
            return await output.WaitAsync(OutputGrace);
        }
        catch (TimeoutException)
        {
            return "";
        }
    }
}

internal readonly record struct CommandResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;
}
