using System.Globalization;

namespace SignalFlow.Embedded.Postgres;

/// <summary>The account the server runs as: the current one or, as PostgreSQL refuses root, an unprivileged one.</summary>
internal sealed class ServerAccount
{
    private static readonly string[] UnprivilegedNames = ["postgres", "nobody"];

    private readonly string? _name;
    private readonly string _userId = "";
    private readonly string _groupId = "";

    private ServerAccount()
    {
    }

    private ServerAccount(string[] passwdEntry)
    {
        _name = passwdEntry[0];
        _userId = passwdEntry[2];
        _groupId = passwdEntry[3];
    }

    /// <summary>Whether the server runs as another user than this process.</summary>
    public bool IsOther => _name is not null;

    public string Name => _name ?? Environment.UserName;

    public static ServerAccount Current()
    {
        // On Windows pg_ctl drops the privileges itself.
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
            return new ServerAccount();

        var entries = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(entry => entry.Length > 3).ToList();
        return UnprivilegedNames.Select(name => entries.Find(entry => entry[0] == name)).FirstOrDefault(entry => entry is not null) is { } found
            ? new ServerAccount(found)
            : throw new EmbeddedInfrastructureException(
                "PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody. Start SignalFlow as an ordinary user.");
    }

    /// <summary>The same command, run as the server's account.</summary>
    public IReadOnlyList<string> Wrap(params IReadOnlyList<string> command)
    {
        if (_name is null)
            return command;

        if (Find("setpriv") is { } setpriv)
            return [setpriv, $"--reuid={_userId}", $"--regid={_groupId}", "--clear-groups", "--", .. command];

        if (Find("runuser") is { } runuser)
            return [runuser, "-u", _name, "--", .. command];

        return Find("su", orBusyBox: true) is { } su
            ? [su, "-s", "/bin/sh", "-c", string.Join(' ', command.Select(Quote)), _name]
            : throw new EmbeddedInfrastructureException(
                $"PostgreSQL refuses to run as root, and none of setpriv, runuser and su is there to run it as {_name}. "
                + "Start SignalFlow as an ordinary user.");
    }

    /// <summary>Gives files to the account, folders with all they hold.</summary>
    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (_name is null)
            return;

        var result = await Command.RunAsync(["chown", "-R", $"{_userId}:{_groupId}", path], cancellationToken);
        if (!result.Succeeded)
            throw new EmbeddedInfrastructureException($"{path} cannot be given to the user {_name}: {result.Output}.");
    }

    /// <summary>Whether the account can enter the folder: every folder above must let it through.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken cancellationToken) =>
        _name is null || (await Command.RunAsync(Wrap("/bin/sh", "-c", "cd \"$1\"", "sh", folder), cancellationToken)).Succeeded;

    // BusyBox's setpriv and runuser lack the options used here.
    private static string? Find(string program, bool orBusyBox = false)
    {
        foreach (var folder in (string[])["/usr/bin", "/bin", "/usr/sbin", "/sbin"])
        {
            var file = new FileInfo(Path.Combine(folder, program));
            if (file.Exists && (orBusyBox || file.LinkTarget?.Contains("busybox", StringComparison.Ordinal) != true))
                return file.FullName;
        }

        return null;
    }

    private static string Quote(string argument) =>
        string.Create(CultureInfo.InvariantCulture, $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'");
}
