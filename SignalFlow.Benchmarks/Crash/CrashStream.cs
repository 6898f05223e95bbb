using SignalFlow.Contracts;

namespace SignalFlow.Benchmarks.Crash;

/// <summary>A message of a <see cref="CrashStream"/>.</summary>
/// <param name="Topic">Raw or refresh.</param>
/// <param name="Key">The post's id, except in some of the poison.</param>
/// <param name="Post">Null: poison.</param>
internal sealed record StreamMessage(string Topic, string Key, byte[] Value, PostObservation? Post);

/// <summary>
/// A stream that is the same for the same seed, and hard on processing: of every post a raw and several refresh observations, some of them
/// twice, many out of order, texts that are edited and edited back, accounts that go, removals before and after content, and records that
/// are no observations. Its meaning is a set: of an instant of a post there is one observation only.
/// </summary>
internal sealed class CrashStream
{
    private CrashStream(IReadOnlyList<StreamMessage> messages)
    {
        Messages = messages;
        var posts = messages.Select(message => message.Post).OfType<PostObservation>().ToList();
        Posts = posts.DistinctBy(post => post.Id).Count();
        Observations = posts.Where(post => post.RemovedByCategory != PostRemoval.Absent).DistinctBy(post => (post.Id, post.ObservedAt)).Count();
        Poison = messages.Count(message => message.Post is null);
    }

    public IReadOnlyList<StreamMessage> Messages { get; }

    /// <summary>Rows of <c>posts</c> that it must leave.</summary>
    public int Posts { get; }

    /// <summary>Rows of history that it must leave.</summary>
    public int Observations { get; }

    public int Poison { get; }

    public static CrashStream Create(int messages, int seed)
    {
        var posts = new CrashPosts(new Random(seed));
        var placed = new List<(double Place, StreamMessage Message)>(messages + 64);
        while (placed.Count < messages)
            posts.AddNext(placed);
        return new([.. placed.OrderBy(message => message.Place).Take(messages).Select(message => message.Message)]);
    }
}
