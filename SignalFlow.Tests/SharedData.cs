using SignalFlow.Tests.Infrastructure;

namespace SignalFlow.Tests;

/// <summary>Reference data that lies beside the checkout and is not part of it; tests that need it are skipped where it is absent.</summary>
internal static class SharedData
{
    /// <returns>The full path of a file or folder of <c>../shared/data</c>, or null where it does not exist.</returns>
    public static string? Path(string relative)
    {
        var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(Checkout.Folder, "..", "shared", "data", relative));
        return File.Exists(path) || Directory.Exists(path) ? path : null;
    }
}
