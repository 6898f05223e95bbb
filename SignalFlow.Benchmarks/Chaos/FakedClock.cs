using System.Globalization;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>The wall clock of some processes, by libfaketime, which reads its offset from a file. Their monotonic clock runs on.</summary>
internal sealed class FakedClock
{
    private readonly string _file;
    private readonly string _library;

    private FakedClock(string file, string library) => (_file, _library) = (file, library);

    public Dictionary<string, string> Environment => new()
    {
        ["LD_PRELOAD"] = _library,
        ["FAKETIME_TIMESTAMP_FILE"] = _file,
        ["FAKETIME_CACHE_DURATION"] = "1",
        ["DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_DONT_RESET"] = "1",
    };

    /// <returns>Null where libfaketime is not installed.</returns>
    public static FakedClock? Create(string folder)
    {
        var library = new[] { "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1" }.FirstOrDefault(File.Exists);
        if (library is null)
            return null;
        var clock = new FakedClock(Path.Combine(folder, "clock"), library);
        clock.Jump(TimeSpan.Zero);
        return clock;
    }

    /// <param name="offset">From the real time.</param>
    public void Jump(TimeSpan offset)
    {
        // Whoever reads it meanwhile must not find half of it.
        File.WriteAllText(_file + ".new", string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0.0;-0.0}\n"));
        File.Move(_file + ".new", _file, overwrite: true);
    }
}
