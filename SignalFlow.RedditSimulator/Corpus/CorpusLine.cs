using System.Text.Json;

namespace SignalFlow.RedditSimulator.Corpus;

/// <summary>What one line of a corpus says; texts are given as the place of their JSON string (quotes included) in the line.</summary>
internal readonly record struct CorpusLine
{
    public string? Id { get; private init; }

    public string? Subreddit { get; private init; }

    public string? Author { get; private init; }

    public string? Permalink { get; private init; }

    public string? Url { get; private init; }

    public (int Start, int Length) Title { get; private init; }

    public (int Start, int Length) SelfText { get; private init; }

    public int Score { get; private init; }

    public int Comments { get; private init; }

    public float? Ratio { get; private init; }

    public bool Over18 { get; private init; }

    /// <exception cref="JsonException">Not one JSON object.</exception>
    /// <exception cref="InvalidOperationException">A field of another kind.</exception>
    /// <exception cref="FormatException">A number out of range.</exception>
    public static CorpusLine Parse(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A line must be an object.");

        var fields = default(CorpusLine);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            fields = fields.With(ref reader);

        // Anything after the object is an error the reader finds here.
        if (reader.Read())
            throw new JsonException("More than one value.");

        return fields;
    }

    private CorpusLine With(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("id"u8))
            return this with { Id = String(ref reader) };
        if (reader.ValueTextEquals("subreddit"u8))
            return this with { Subreddit = String(ref reader) };
        if (reader.ValueTextEquals("author"u8))
            return this with { Author = String(ref reader) };
        if (reader.ValueTextEquals("permalink"u8))
            return this with { Permalink = String(ref reader) };
        if (reader.ValueTextEquals("url"u8))
            return this with { Url = String(ref reader) };
        if (reader.ValueTextEquals("title"u8))
            return this with { Title = Place(ref reader) };
        if (reader.ValueTextEquals("selftext"u8))
            return this with { SelfText = Place(ref reader) };
        if (reader.ValueTextEquals("score"u8))
            return this with { Score = Math.Max(0, Value(ref reader) ? reader.GetInt32() : 0) };
        if (reader.ValueTextEquals("num_comments"u8))
            return this with { Comments = Math.Max(0, Value(ref reader) ? reader.GetInt32() : 0) };
        if (reader.ValueTextEquals("upvote_ratio"u8))
            return this with { Ratio = Value(ref reader) ? reader.GetSingle() : null };
        if (reader.ValueTextEquals("over_18"u8))
            return this with { Over18 = Value(ref reader) && reader.GetBoolean() };

        reader.Skip();
        return this;
    }

    private static string? String(ref Utf8JsonReader reader) => Value(ref reader) ? reader.GetString() : null;

    private static (int Start, int Length) Place(ref Utf8JsonReader reader)
    {
        if (!Value(ref reader))
            return default;

        if (reader.TokenType != JsonTokenType.String)
            throw new InvalidOperationException("A text must be a string.");

        return ((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
    }

    /// <summary>Reads the field's value; false for null.</summary>
    private static bool Value(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType != JsonTokenType.Null;
    }
}
