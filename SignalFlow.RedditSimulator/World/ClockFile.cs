using System.Text.Json;
using System.Text.Json.Serialization;

namespace SignalFlow.RedditSimulator.World;

/// <summary>
/// What a world keeps on disk (<c>Simulator:StatePath</c>): its clock, the names of the subreddits that were asked for beyond the
/// table, and the bursts of posts. Written whole, through a rename, so that a reader finds the old state or the new one.
/// </summary>
internal sealed class ClockFile
{
    private readonly string _path;
    private readonly Lock _lock = new();
    private WorldState _state;

    private ClockFile(string path, WorldState state)
    {
        _path = path;
        _state = state;
    }

    public IReadOnlyList<ClockSegment> Segments => _state.Segments;

    public IReadOnlyList<string> AskedFor => _state.AskedFor;

    public IReadOnlyList<PostBurst> Bursts => _state.Bursts ?? [];

    /// <summary>Hours of posts before the world's start: fixed when the world began, or posts once served would vanish.</summary>
    public double BackfillHours => _state.BackfillHours;

    /// <param name="folder">Created when missing.</param>
    /// <param name="world">Identity of the world; each has its own file.</param>
    /// <param name="backfillHours">For a world that begins now.</param>
    /// <exception cref="InvalidOperationException">The folder or file cannot be used; the message names <c>Simulator:StatePath</c>.</exception>
    public static ClockFile Open(string folder, string world, double backfillHours)
    {
        var path = Path.Combine(folder, $"world-{world}.json");
        try
        {
            Directory.CreateDirectory(folder);
            var state = File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), WorldStateContext.Default.WorldState)
                : new WorldState([], [], backfillHours);
            return new ClockFile(path, state ?? throw new JsonException("null"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            throw new InvalidOperationException($"Simulator:StatePath: the world's state '{path}' cannot be used: {e.Message}", e);
        }
    }

    public void Write(IReadOnlyList<ClockSegment> segments)
    {
        lock (_lock)
            Write(_state with { Segments = segments });
    }

    public void Add(string subreddit)
    {
        lock (_lock)
            Write(_state with { AskedFor = [.. _state.AskedFor, subreddit] });
    }

    public void Add(PostBurst burst)
    {
        lock (_lock)
            Write(_state with { Bursts = [.. Bursts, burst] });
    }

    private void Write(WorldState state)
    {
        var next = _path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, state, WorldStateContext.Default.WorldState);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
        _state = state;
    }
}

/// <param name="Segments">Of the clock.</param>
/// <param name="AskedFor">Names of subreddits.</param>
/// <param name="BackfillHours">Of the world's start.</param>
/// <param name="Bursts">Null in files of versions that had none.</param>
internal sealed record WorldState(
    IReadOnlyList<ClockSegment> Segments, IReadOnlyList<string> AskedFor, double BackfillHours, IReadOnlyList<PostBurst>? Bursts = null);

[JsonSerializable(typeof(WorldState))]
[JsonSourceGenerationOptions(WriteIndented = false, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
internal sealed partial class WorldStateContext : JsonSerializerContext;
