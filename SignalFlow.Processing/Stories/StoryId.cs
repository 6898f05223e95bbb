using SignalFlow.Processing.Topics;

namespace SignalFlow.Processing.Stories;

/// <summary>A story's number: 63 bits of a hash of its first post's id, the same wherever it is computed.</summary>
internal static class StoryId
{
    public static long Of(string firstPost) => (long)(StableHash.Finish(StableHash.Add(StableHash.Seed, firstPost)) >> 1);
}
