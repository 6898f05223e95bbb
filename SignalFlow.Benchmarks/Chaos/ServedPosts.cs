using System.Globalization;

namespace SignalFlow.Benchmarks.Chaos;

/// <summary>What the simulated Reddit has answered.</summary>
internal sealed class ServedPosts
{
    private readonly HashSet<(string Id, int Score, int Comments)> _states = [];

    public HashSet<string> Ids { get; } = [];

    /// <param name="file">Lines of seconds, id, score and comments.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ServedPosts> ReadAsync(string file, CancellationToken cancellationToken)
    {
        var posts = new ServedPosts();
        await foreach (var line in File.ReadLinesAsync(file, cancellationToken))
        {
            var parts = line.Split(' ');
            posts.Ids.Add(parts[1]);
            posts._states.Add((parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture)));
        }

        return posts;
    }

    public bool Lacks((string Id, int Score, int Comments) state) => !_states.Contains(state);
}
