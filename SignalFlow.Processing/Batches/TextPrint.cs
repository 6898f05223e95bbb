using SignalFlow.Processing.Topics;

namespace SignalFlow.Processing.Batches;

/// <summary>A number that stands for everything the features of a post's text depend on: another one means that they must be found again.</summary>
internal static class TextPrint
{
    // To be changed whenever another version of the analysis finds other features in the same text.
    private const char Version = '3';

    public static long Of(string title, string? body, bool scoresBody)
    {
        var hash = StableHash.Add(StableHash.Seed, Version);
        hash = StableHash.Add(hash, scoresBody ? 'b' : 't');
        // No text holds a NUL, so title and body cannot be confused.
        hash = StableHash.Add(StableHash.AddBlocks(hash, title), '\0');
        return (long)StableHash.Finish(StableHash.AddBlocks(hash, body));
    }
}
