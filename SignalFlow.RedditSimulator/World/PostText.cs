namespace SignalFlow.RedditSimulator.World;

/// <summary>A text, or the JSON string (with its quotes and escapes) that a corpus file holds for it.</summary>
internal readonly struct PostText
{
    private PostText(string? value, ReadOnlyMemory<byte> json)
    {
        Value = value;
        Json = json;
    }

    /// <summary>Null when the text is held as <see cref="Json"/>.</summary>
    public string? Value { get; }

    /// <summary>Kept as in the file, because decoding would lose what JSON can say and UTF-16 text cannot, such as a lone surrogate.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    public static implicit operator PostText(string value) => new(value, default);

    public static PostText FromJson(ReadOnlyMemory<byte> json) => new(null, json);
}
