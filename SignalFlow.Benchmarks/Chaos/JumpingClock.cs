using System.IO.MemoryMappedFiles;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using SignalFlow.Benchmarks.Chaos;

[assembly: HostingStartup(typeof(JumpingClock))]

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>
/// The wall clock of a service in another process. The service is started with this assembly as a startup hook and a hosting startup, which registers the
/// clock before the service registers its own. Its timers and time stamps run on undisturbed, as they do where somebody corrects a machine's clock.
/// </summary>
internal sealed class JumpingClock : TimeProvider, IHostingStartup, IDisposable
{
    private const string Variable = "SIGNALFLOW_CHAOS_CLOCK";
    // Behind the offset.
    private const int UseAt = sizeof(long);

    private readonly string? _path;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _offset;

    /// <summary>As a hosting startup makes it: of this process, if it is one with such a clock.</summary>
    public JumpingClock()
        : this(Environment.GetEnvironmentVariable(Variable))
    {
    }

    /// <param name="path">Keeps the offset; null: the clock is the system's.</param>
    public JumpingClock(string? path)
    {
        if (path is null)
            return;
        _path = path;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, mapName: null, 2 * sizeof(long));
        _offset = _file.CreateViewAccessor();
    }

    /// <summary>What a service is started with to have this clock.</summary>
    public Dictionary<string, string> Variables => new()
    {
        [Variable] = _path ?? "",
        ["DOTNET_STARTUP_HOOKS"] = typeof(JumpingClock).Assembly.Location,
        ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = typeof(JumpingClock).Assembly.GetName().Name!,
    };

    public override DateTimeOffset GetUtcNow()
    {
        if (_offset is null)
            return System.GetUtcNow();
        _offset.Write(UseAt, (byte)1);
        return System.GetUtcNow() + new TimeSpan(_offset.ReadInt64(0));
    }

    /// <param name="offset">From the system's clock.</param>
    public void Jump(TimeSpan offset) => _offset!.Write(0, offset.Ticks);

    /// <summary>A service has asked it for the time.</summary>
    public bool IsInUse => _offset!.ReadByte(UseAt) != 0;

    public void Configure(IWebHostBuilder builder)
    {
        if (_path is not null)
            builder.ConfigureServices(services => services.AddSingleton<TimeProvider>(this));
    }

    public void Dispose()
    {
        _offset?.Dispose();
        _file?.Dispose();
    }
}
