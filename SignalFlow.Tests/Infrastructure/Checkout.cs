namespace SignalFlow.Tests.Infrastructure;

/// <summary>The folder with the solution that the tests were built from.</summary>
internal static class Checkout
{
    public static string Folder { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo? folder)
    {
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SignalFlow.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside their checkout.");
    }
}
