namespace SignalFlow.Tests;

/// <summary>Reference data that lies beside the checkout and is not part of it; tests that need it are skipped where it is absent.</summary>
internal static class SharedData
{
    /// <returns>The full path of a file or folder of <c>../shared/data</c>, or null where it does not exist.</returns>
    public static string? Path(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(System.IO.Path.Combine(folder.FullName, "SignalFlow.sln")))
                continue;

            var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder.FullName, "..", "shared", "data", relative));
            return File.Exists(path) || Directory.Exists(path) ? path : null;
        }

        return null;
    }
}
