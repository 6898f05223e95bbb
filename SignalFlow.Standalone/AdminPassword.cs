using System.Security.Cryptography;

namespace SignalFlow.Standalone;

/// <summary>The administrator's first password: made at random at the first start and kept in the data folder, for its owner's eyes only.</summary>
internal static class AdminPassword
{
    // Without letters and digits that look alike.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int Length = 20;

    public static string File(string dataFolder) => Path.Combine(dataFolder, "admin-password");

    /// <exception cref="StandaloneException">The file cannot be read or written.</exception>
    public static async Task<string> GetAsync(string dataFolder, CancellationToken cancellationToken)
    {
        var file = File(dataFolder);
        try
        {
            if (System.IO.File.Exists(file))
                return (await System.IO.File.ReadAllTextAsync(file, cancellationToken)).Trim();
            var password = RandomNumberGenerator.GetString(Alphabet, Length);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using var writer = new StreamWriter(file, options);
            await writer.WriteLineAsync(password.AsMemory(), cancellationToken);
            return password;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StandaloneException($"The administrator's password cannot be kept in {file}: {exception.Message}", exception);
        }
    }
}
