using System.Globalization;
using System.Text.RegularExpressions;

namespace SignalFlow.Embedded.Postgres;

/// <summary>A PostgreSQL server installed on this machine: a folder with <c>initdb</c>, <c>pg_ctl</c> and <c>postgres</c>.</summary>
internal sealed partial record PostgresInstallation(string Folder, int MajorVersion)
{
    public const int OldestMajorVersion = 15;

    // Below a root, a star stands for one folder.
    private static readonly string[] UnixPatterns =
    [
        "/usr/lib/postgresql/*/bin", "/usr/libexec/postgresql*", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/local/pgsql/bin",
        "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
    ];

    public string InitDb => Tool(Folder, "initdb");
    public string PgCtl => Tool(Folder, "pg_ctl");

    /// <summary>All installations found, of any version, newest first; <paramref name="searchPath"/> stands in for the machine's usual folders.</summary>
    public static async Task<IReadOnlyList<PostgresInstallation>> FindAllAsync(
        IReadOnlyList<string>? searchPath, CancellationToken cancellationToken)
    {
        var found = new List<PostgresInstallation>();
        var folders = (searchPath ?? DefaultSearchPath()).Select(RealFolder).OfType<string>().Distinct(StringComparer.Ordinal);
        foreach (var folder in folders)
        {
            var answer = await Command.RunAsync([Tool(folder, "postgres"), "--version"], cancellationToken);
            if (answer.Succeeded && VersionPattern().Match(answer.Output) is { Success: true } match)
                found.Add(new PostgresInstallation(folder, int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)));
        }

        return [.. found.OrderByDescending(installation => installation.MajorVersion)];
    }

    /// <summary>The newest installation or, for an existing cluster, the one of the version that made it.</summary>
    /// <exception cref="EmbeddedServerMissingException">None fits.</exception>
    public static PostgresInstallation Choose(IReadOnlyList<PostgresInstallation> installed, PostgresFolder folder)
    {
        var newest = installed.Count > 0 ? installed[0] : null;
        if (folder.ClusterVersion is not { } made)
        {
            return newest?.MajorVersion >= OldestMajorVersion
                ? newest
                : throw new EmbeddedServerMissingException(PostgresInstallAdvice.Missing(newest?.MajorVersion));
        }

        return installed.FirstOrDefault(installation => installation.MajorVersion == made)
            ?? throw new EmbeddedServerMissingException(PostgresInstallAdvice.OtherVersion(made, newest?.MajorVersion, folder.Path));
    }

    private static IEnumerable<string> DefaultSearchPath()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var patterns = OperatingSystem.IsWindows()
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL", "*", "bin")]
            : UnixPatterns;
        return path.Concat(patterns.SelectMany(Expand));
    }

    private static IEnumerable<string> Expand(string pattern)
    {
        var star = pattern.IndexOf('*', StringComparison.Ordinal);
        if (star < 0)
            return [pattern];

        var parent = Path.GetDirectoryName(pattern[..star])!;
        var afterStar = pattern[(star + 1)..].TrimStart(Path.DirectorySeparatorChar);
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, Path.GetFileName(pattern[..(star + 1)])).Select(folder => Path.Combine(folder, afterStar))
            : [];
    }

    // The folder that holds the programs themselves: a link on the PATH may stand alone in its folder.
    private static string? RealFolder(string folder)
    {
        try
        {
            var file = new FileInfo(Tool(folder, "pg_ctl"));
            if (!file.Exists)
                return null;

            var real = Path.GetDirectoryName((file.ResolveLinkTarget(returnFinalTarget: true) ?? file).FullName)!;
            return File.Exists(Tool(real, "initdb")) && File.Exists(Tool(real, "postgres")) ? real : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string Tool(string folder, string name) => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    [GeneratedRegex(@"^postgres \(PostgreSQL\) (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPattern();
}
