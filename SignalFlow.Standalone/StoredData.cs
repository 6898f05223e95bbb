using SignalFlow.Embedded;

namespace SignalFlow.Standalone;

/// <summary>What a run leaves in the data folder.</summary>
internal static class StoredData
{
    public static string SimulatorFolder(string dataFolder) => Path.Combine(dataFolder, "simulator");

    /// <summary>Deletes the database and the simulated worlds for good, and nothing that SignalFlow has not made.</summary>
    /// <exception cref="StandaloneException">A file cannot be deleted.</exception>
    /// <exception cref="EmbeddedInfrastructureException">The folder holds something else, or is in use.</exception>
    public static async Task DeleteAsync(string dataFolder, ILoggerFactory logging, CancellationToken cancellationToken)
    {
        await EmbeddedInfrastructure.DeleteDataAsync(dataFolder, logging, cancellationToken);
        // It belongs to a user of the database that is gone.
        File.Delete(AdminPassword.File(dataFolder));
        var simulator = SimulatorFolder(dataFolder);
        if (!Directory.Exists(simulator))
            return;

        try
        {
            foreach (var world in Directory.EnumerateFiles(simulator, "world-*.json"))
                File.Delete(world);
            if (!Directory.EnumerateFileSystemEntries(simulator).Any())
                Directory.Delete(simulator);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StandaloneException($"The simulated world in {simulator} cannot be deleted: {exception.Message}", exception);
        }
    }
}
