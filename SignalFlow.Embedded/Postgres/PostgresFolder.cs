using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SignalFlow.Embedded.Postgres;

/// <summary>The data folder of a private server. Whoever has it open owns it: the lock ends with the process, however it ends.</summary>
internal sealed class PostgresFolder : IDisposable
{
    // Also the mark by which a folder is known to be ours.
    private const string LockName = "signalflow.lock";
    private const string UnreachableHome = "/var/lib/signalflow";

    private readonly FileStream _lock;

    private PostgresFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
        ClusterFolder = Combine("cluster");
    }

    public string Path { get; }

    /// <summary>PostgreSQL's own data folder.</summary>
    public string ClusterFolder { get; private set; }

    public string NewClusterFolder => ClusterFolder + ".new";
    public bool HasCluster => ClusterVersion is not null;

    /// <summary>The major version of the server that made the cluster; null without a cluster.</summary>
    public int? ClusterVersion
    {
        get
        {
            var file = System.IO.Path.Combine(ClusterFolder, "PG_VERSION");
            return File.Exists(file) ? int.Parse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) : null;
        }
    }

    // For root's folders that the server's account cannot enter.
    private string OutsideFolder =>
        System.IO.Path.Combine(UnreachableHome, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path)))[..16]);

    private string PasswordFile => Combine("password");
    private string PortFile => Combine("port");

    /// <exception cref="EmbeddedInfrastructureException">The folder cannot be written, or another process owns it.</exception>
    public static PostgresFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }

        return new PostgresFolder(path, Lock(path));
    }

    public static bool IsOurs(string path) => File.Exists(System.IO.Path.Combine(path, LockName));

    /// <summary>
    /// Puts the cluster where the server's account can reach it: in the data folder or, where root's folders are closed to the
    /// account, below /var/lib, under a name that follows from the data folder's.
    /// </summary>
    /// <returns>Whether the cluster is outside the data folder.</returns>
    public async Task<bool> PlaceClusterAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        if (!account.IsOther)
            return false;

        var outside = System.IO.Path.Combine(OutsideFolder, "cluster");
        if (!Directory.Exists(outside) && await account.CanEnterAsync(Path, cancellationToken))
            return false;

        ClusterFolder = outside;
        try
        {
            Directory.CreateDirectory(OutsideFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(OutsideFolder, e);
        }

        return await account.CanEnterAsync(OutsideFolder, cancellationToken)
            ? true
            : throw new EmbeddedInfrastructureException(
                $"PostgreSQL runs as the user {account.Name}, who can enter neither {Path} nor {OutsideFolder}. "
                + "Choose a data folder that every user can enter, for example with --data /srv/signalflow.");
    }

    /// <exception cref="EmbeddedInfrastructureException">The password of an existing cluster is gone.</exception>
    public string ReadPassword() => File.Exists(PasswordFile)
        ? File.ReadAllText(PasswordFile).Trim()
        : throw new EmbeddedInfrastructureException(
            $"The password of the database in {Path} is gone: {PasswordFile} is missing. Put it back, or start with an empty database by --fresh.");

    public string NewPassword()
    {
        var password = RandomNumberGenerator.GetHexString(32, lowercase: true);
        Write(PasswordFile, file => WritePrivate(file, password));
        return password;
    }

    public int? RememberedPort =>
        File.Exists(PortFile) && int.TryParse(File.ReadAllText(PortFile), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    public void RememberPort(int port) => Write(PortFile, file => File.WriteAllText(file, port.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Writes a file that only its owner can read.</summary>
    public static void WritePrivate(string file, string content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        File.Delete(file);
        using var writer = new StreamWriter(file, options);
        writer.Write(content);
    }

    /// <summary>Deletes what this type and the server made, and nothing else. The lock stays.</summary>
    public void DeleteContents()
    {
        foreach (var folder in (string[])[Combine("cluster"), Combine("cluster.new"), OutsideFolder])
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }

        File.Delete(PasswordFile);
        File.Delete(PortFile);
    }

    public void Dispose() => _lock.Dispose();

    public static EmbeddedInfrastructureException Unwritable(string path, Exception cause) => new(
        $"The data folder {path} cannot be written ({cause.Message.TrimEnd('.')}). Make it writable or choose another with --data.", cause);

    private static FileStream Lock(string path)
    {
        var file = System.IO.Path.Combine(path, LockName);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException) && File.Exists(file))
        {
            throw new EmbeddedInfrastructureException(
                $"Another SignalFlow is running on the data folder {path}. Stop it first, or choose another folder with --data.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, e);
        }
    }

    private void Write(string file, Action<string> write)
    {
        try
        {
            write(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(Path, e);
        }
    }

    private string Combine(string name) => System.IO.Path.Combine(Path, name);
}
