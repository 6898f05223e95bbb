namespace SignalFlow.Processing.Stories;

/// <summary>Why a post belongs to its story.</summary>
internal enum StoryEvidence : byte
{
    /// <summary>It is the first of its story.</summary>
    First,

    /// <summary>The same canonical link, the same upload, or a link to another post of the story.</summary>
    Link,

    /// <summary>Nearly the same title.</summary>
    Title,

    /// <summary>The same words.</summary>
    Words,
}

/// <param name="Story">What <see cref="StoryId"/> makes of the first post's id.</param>
/// <param name="Similarity">Of titles (Jaccard) or words (cosine); 1 for the other kinds.</param>
/// <param name="Absorbed">A younger story that turned out to be the same: its posts belong to <paramref name="Story"/> from now on.</param>
internal readonly record struct StoryAssignment(string PostId, long Story, StoryEvidence Evidence, double Similarity, long? Absorbed);
