namespace SignalFlow.Embedded.Postgres;

/// <summary>What to tell a person on whose machine no usable PostgreSQL server is installed.</summary>
internal static class PostgresInstallAdvice
{
    private const string OsRelease = "/etc/os-release";

    private static readonly string[] RhelFamily = ["rhel", "centos", "rocky", "almalinux"];

    private const string OtherWays =
        "or name a database of yours in ConnectionStrings:signalflow (environment: ConnectionStrings__signalflow), or run everything in containers with `dotnet run --project SignalFlow.AppHost`";

    public static string Missing(int? newestFound) =>
        (newestFound is { } found
            ? $"SignalFlow needs PostgreSQL {PostgresInstallation.OldestMajorVersion} or later, but only version {found} is installed. "
            : $"SignalFlow found no PostgreSQL server (version {PostgresInstallation.OldestMajorVersion} or later) on this machine. ")
        + $"Install one with `{InstallCommand()}`, {OtherWays}.";

    public static string OtherVersion(int made, int? newestFound, string dataFolder) =>
        $"The database in {dataFolder} was made by PostgreSQL {made}, but "
        + (newestFound is { } found ? $"the installed server is version {found}. " : "no PostgreSQL server is installed. ")
        + $"Install PostgreSQL {made} again beside it, move the data with pg_upgrade, start with an empty database by --fresh, {OtherWays}.";

    private static string InstallCommand() =>
        OperatingSystem.IsWindows() ? "winget install PostgreSQL.PostgreSQL.17"
        : OperatingSystem.IsMacOS() ? "brew install postgresql@17"
        : InstallCommand(File.Exists(OsRelease) ? File.ReadAllText(OsRelease) : "", Environment.IsPrivilegedProcess);

    /// <summary>The command for a Linux, told by the content of its <c>/etc/os-release</c>.</summary>
    internal static string InstallCommand(string osRelease, bool isRoot)
    {
        var fields = osRelease.Split('\n', StringSplitOptions.TrimEntries)
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0], pair => pair[1].Trim('"', '\''), StringComparer.Ordinal);
        var families = $"{fields["ID"].FirstOrDefault()} {fields["ID_LIKE"].FirstOrDefault()}".Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var major = (fields["VERSION_ID"].FirstOrDefault() ?? "").Split('.')[0];
        var sudo = isRoot ? "" : "sudo ";

        bool Is(params ReadOnlySpan<string> names) => families.AsSpan().ContainsAny(names);
        return
            Is("alpine") ? $"{sudo}apk add postgresql"
            : Is("arch") ? $"{sudo}pacman -S postgresql"
            : Is("suse", "opensuse") ? $"{sudo}zypper install postgresql-server"
            // The default stream of these is PostgreSQL 10 and 13.
            : major is "8" or "9" && Is(RhelFamily) ? $"{sudo}dnf module enable -y postgresql:16 && {sudo}dnf install -y postgresql-server"
            : Is("fedora") || Is(RhelFamily) ? $"{sudo}dnf install -y postgresql-server"
            : $"{sudo}apt-get install -y postgresql";
    }
}
