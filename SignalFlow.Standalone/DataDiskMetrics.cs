using System.Diagnostics.Metrics;

namespace SignalFlow.Standalone;

/// <summary>
/// The disk of the private database's files. Only for that: where the database is a server of its own, no process of ours can see its disk.
/// </summary>
internal sealed class DataDiskMetrics
{
    public DataDiskMetrics(IMeterFactory meters, string folder)
    {
        var disk = new DriveInfo(folder);
        var meter = meters.Create("SignalFlow.Standalone");
        meter.CreateObservableGauge("signalflow_data_disk_free", () => disk.AvailableFreeSpace, "By", "Free space on the disk of the database's files.");
        meter.CreateObservableGauge("signalflow_data_disk_size", () => disk.TotalSize, "By", "Size of the disk of the database's files.");
    }
}
