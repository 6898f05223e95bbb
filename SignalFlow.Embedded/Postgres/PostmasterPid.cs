using System.Diagnostics;
using System.Globalization;

namespace SignalFlow.Embedded.Postgres;

/// <summary>What <c>postmaster.pid</c> says of the server that made it, running or dead.</summary>
internal sealed record PostmasterPid(int ProcessId, int Port)
{
    private const string FileName = "postmaster.pid";

    public static PostmasterPid? Read(string clusterFolder)
    {
        var file = Path.Combine(clusterFolder, FileName);
        if (!File.Exists(file))
            return null;

        // Line 1: process id (negative for a stand-alone backend); 2: data folder; 3: start time; 4: port.
        var lines = File.ReadAllLines(file);
        return lines.Length > 3
            && int.TryParse(lines[0], NumberStyles.Integer, CultureInfo.InvariantCulture, out var processId)
            && int.TryParse(lines[3], NumberStyles.Integer, CultureInfo.InvariantCulture, out var port)
                ? new PostmasterPid(processId, port)
                : null;
    }

    /// <summary>Removes the note of a dead server. PostgreSQL does so itself unless the process id now belongs to another program.</summary>
    public static void Forget(string clusterFolder) => File.Delete(Path.Combine(clusterFolder, FileName));

    /// <summary>Whether the process lives and serves this cluster. After a reboot its id may belong to any other program.</summary>
    public bool IsServerOf(string clusterFolder)
    {
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            if (process.HasExited || !process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase))
                return false;

            // A postmaster works in its data folder, so the file read through the process is the file of the cluster.
            return !OperatingSystem.IsLinux()
                || File.ReadAllText($"/proc/{ProcessId}/cwd/{FileName}") == File.ReadAllText(Path.Combine(clusterFolder, FileName));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
