namespace SignalFlow.Storage.Posts;

/// <summary>What is stored of a post, as far as its next observation needs it.</summary>
/// <param name="State">Its observations.</param>
/// <param name="Text">Null: its text has not been analysed, or is purged.</param>
public readonly record struct KnownPost(PostState State, KnownText? Text);

/// <summary>The stored features of a text, which need not be found again while the text is the same.</summary>
/// <param name="Title">The <see cref="Print"/> of the title.</param>
/// <param name="Features">What was found in it.</param>
public sealed record KnownText(ulong Title, NlpFeatures Features)
{
    /// <summary>FNV-1a of the UTF-16 characters: the same in every process and version.</summary>
    public static ulong Print(ReadOnlySpan<char> text)
    {
        var print = 14_695_981_039_346_656_037;
        foreach (var character in text)
            print = unchecked((print ^ character) * 1_099_511_628_211);
        return print;
    }
}
