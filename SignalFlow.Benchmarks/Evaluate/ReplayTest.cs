using System.Security.Cryptography;
using SignalFlow.Processing.Surge;

namespace SignalFlow.Benchmarks.Evaluate;

/// <summary>
/// Folds a series in several ways and compares the results, of which the hash is over every post's state, with the instants of its alerts: post by
/// post; all posts in the order of time in batches, every tenth observation twice, with states stored as bytes in between; among three
/// replicas with other batches; and each post anew from its shuffled history.
/// </summary>
internal static class ReplayTest
{
    /// <returns>The hash.</returns>
    /// <exception cref="InvalidOperationException">Two ways of folding differ.</exception>
    public static string Run(PostSeries series, BaselineHistory baselines)
    {
        var hash = HashOf(series, PostByPost(series.Posts, baselines));
        var others = new (string Name, Func<Dictionary<string, byte[]>> Fold)[]
        {
            ("batches of 500", () => InBatches(series.Posts, 500, baselines)),
            ("batches of 7", () => InBatches(series.Posts, 7, baselines)),
            ("three replicas", () => ByReplicas(series.Posts, 3, baselines)),
            ("replay", () => FromHistory(series.Posts, baselines)),
        };
        foreach (var (name, fold) in others)
        {
            if (HashOf(series, fold()) != hash)
                throw new InvalidOperationException($"{series.Name}: states and alerts differ between post by post and {name}.");
        }

        return hash;
    }

    private static Dictionary<string, byte[]> PostByPost(IEnumerable<SeriesPost> posts, BaselineHistory baselines) => posts.ToDictionary(
        post => post.Id,
        post =>
        {
            SurgeState state = default;
            for (var i = 0; i < post.Observations.Length; i++)
                state = FoldedSeries.Step(state, post, i, baselines, SurgeRules.Default).State;
            return SurgeStateCodec.Encode(state);
        });

    private static Dictionary<string, byte[]> InBatches(IEnumerable<SeriesPost> posts, int size, BaselineHistory baselines)
    {
        var stored = new Dictionary<string, byte[]>();
        var stream = posts
            .SelectMany(post => post.Observations.Select((observation, index) => (post, observation.At, index)))
            .OrderBy(item => item.At)
            .SelectMany((item, n) => Enumerable.Repeat(item, n % 10 == 0 ? 2 : 1));
        foreach (var batch in stream.Chunk(size))
        {
            var states = new Dictionary<string, SurgeState>();
            foreach (var (post, _, index) in batch)
            {
                if (!states.TryGetValue(post.Id, out var state) && stored.TryGetValue(post.Id, out var bytes))
                    SurgeStateCodec.TryDecode(bytes, out state);
                states[post.Id] = FoldedSeries.Step(state, post, index, baselines, SurgeRules.Default).State;
            }

            foreach (var (id, state) in states)
                stored[id] = SurgeStateCodec.Encode(state);
        }

        return stored;
    }

    private static Dictionary<string, byte[]> ByReplicas(SeriesPost[] posts, int replicas, BaselineHistory baselines) =>
        Enumerable.Range(0, replicas)
            .SelectMany(replica => InBatches(posts.Where((_, index) => index % replicas == replica), 100 + 50 * replica, baselines))
            .ToDictionary();

    private static Dictionary<string, byte[]> FromHistory(IEnumerable<SeriesPost> posts, BaselineHistory baselines)
    {
        var random = new Random(1);
        return posts.ToDictionary(post => post.Id, post =>
        {
            var history = post.Observations.ToArray();
            random.Shuffle(history);
            return SurgeStateCodec.Encode(SurgeFold.Fold(history, post.Subreddit, post.CreatedAt, baselines).State);
        });
    }

    private static string HashOf(PostSeries series, Dictionary<string, byte[]> states)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var post in series.Posts)
            hash.AppendData(states[post.Id]);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
